#include "datasets/hdf5.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/error.h"
#include "datasets/chunk.h"

namespace genba::datasets::hdf5 {
namespace {

constexpr std::uint64_t kMaxTextBytes = 4u << 20;  // of a text
constexpr std::uint64_t kMaxAttributeBytes = 1u << 20;
constexpr std::uint64_t kChunkBytes = 1u << 20;
constexpr unsigned kCompactAttributes = 64;  // a group's attributes stay in its header, without a heap

// A call that can only fail for want of memory or disk.
hid_t Must(hid_t id, const std::string& file, const std::string& key) {
  if (id < 0)
    throw Error(ErrorKind::kEnvironment, "cannot write " + key + " into " + file + ": HDF5 refuses (memory?)");
  return id;
}
void Must(herr_t status, const std::string& file, const std::string& key) {
  Must(static_cast<hid_t>(status), file, key);
}

// Little-endian, fixed size; the same in memory, so that nothing is ever converted.
static_assert(std::endian::native == std::endian::little);
template <class T>
hid_t FileType();
template <>
hid_t FileType<float>() {
  return H5T_IEEE_F32LE;
}
template <>
hid_t FileType<double>() {
  return H5T_IEEE_F64LE;
}
template <>
hid_t FileType<std::uint8_t>() {
  return H5T_STD_U8LE;
}
template <>
hid_t FileType<std::uint32_t>() {
  return H5T_STD_U32LE;
}
template <>
hid_t FileType<std::uint64_t>() {
  return H5T_STD_U64LE;
}
template <>
hid_t FileType<std::int64_t>() {
  return H5T_STD_I64LE;
}

std::string TypeText(hid_t type) {
  const std::string bits = std::to_string(8 * H5Tget_size(type));
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return "float" + bits;
    case H5T_INTEGER:
      return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + bits;
    case H5T_STRING:
      return "a string";
    default:
      return "another type";
  }
}

std::uint64_t Product(const Dims& dims) {
  std::uint64_t product = 1;
  for (const std::uint64_t extent : dims) product *= extent;
  return product;
}

Handle Space(const Dims& dims) {
  std::vector<hsize_t> extents(dims.begin(), dims.end());
  return {H5Screate_simple(static_cast<int>(dims.size()), extents.data(), nullptr), H5Sclose};
}

Dims SpaceDims(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  return {extents.begin(), extents.end()};
}

// UTF-8 text of exactly size bytes.
Handle StringType(std::size_t size) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), std::max<std::size_t>(size, 1));
  H5Tset_strpad(type.get(), H5T_STR_NULLPAD);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

// Whole rows per chunk, about kChunkBytes each; no filters where there is nothing to store.
Handle CreationProperties(const Dims& dims, std::size_t element_bytes, Storage storage) {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  if (Product(dims) == 0) return properties;
  std::vector<hsize_t> chunk(dims.begin(), dims.end());
  const std::uint64_t row_bytes = Product(dims) / dims[0] * element_bytes;
  chunk[0] = std::clamp<std::uint64_t>(kChunkBytes / row_bytes, 1, dims[0]);
  H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data());
  if (storage == Storage::kCompressed) {
    H5Pset_shuffle(properties.get());
    H5Pset_deflate(properties.get(), 1);
  }
  H5Pset_fletcher32(properties.get());
  return properties;
}

// How an array lies in a file of ours: in chunks of whole rows, with a checksum, perhaps compressed. Nothing else is
// read: no data in other files, no virtual arrays, no filters from elsewhere, no chunk larger than its array.
struct ChunkLayout {
  std::uint64_t rows = 0;  // of a chunk
  bool deflated = false;
};

std::vector<H5Z_filter_t> Filters(hid_t properties) {
  std::vector<H5Z_filter_t> filters;
  for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
    unsigned flags = 0, config = 0;
    std::size_t num_values = 0;
    filters.push_back(
        H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &num_values, nullptr, 0, nullptr, &config));
  }
  return filters;
}

ChunkLayout LayoutOf(hid_t array, const Dims& dims, const std::string& file, const std::string& key) {
  const Handle properties(H5Dget_create_plist(array), H5Pclose);
  if (!properties.ok() || H5Pget_layout(properties.get()) != H5D_CHUNKED ||
      H5Pget_external_count(properties.get()) != 0)
    throw BadInput({file, key, "data in chunks in the file itself", "another storage layout"});
  std::vector<hsize_t> chunk(dims.size());
  const bool ranked =
      H5Pget_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()) == static_cast<int>(dims.size());
  if (!ranked || chunk[0] < 1 || chunk[0] > dims[0] || !std::equal(chunk.begin() + 1, chunk.end(), dims.begin() + 1))
    throw BadInput(
        {file, key, "chunks of whole rows within " + DimsText(dims), DimsText({chunk.begin(), chunk.end()})});
  const std::vector<H5Z_filter_t> filters = Filters(properties.get());
  const bool plain = filters == std::vector<H5Z_filter_t>{H5Z_FILTER_FLETCHER32};
  const bool deflated =
      filters == std::vector<H5Z_filter_t>{H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE, H5Z_FILTER_FLETCHER32};
  if (!plain && !deflated)
    throw BadInput({file, key, "a checksum, or shuffle, deflate and a checksum", "other filters"});
  return {chunk[0], deflated};
}

void WriteAttribute(hid_t object, const std::string& name, std::string_view text, const std::string& file,
                    const std::string& key) {
  GENBA_CHECK(text.find('\0') == std::string_view::npos, name + " has a NUL inside");
  GENBA_CHECK(text.size() <= kMaxAttributeBytes, name + " is longer than a reader accepts");
  const Handle type = StringType(text.size());
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(
      Must(H5Acreate2(object, name.c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), file, key), H5Aclose);
  const std::string bytes = text.empty() ? std::string(1, '\0') : std::string(text);
  Must(H5Awrite(attribute.get(), type.get(), bytes.data()), file, key);
}

}  // namespace

std::string DimsText(const Dims& dims) {
  std::string text;
  for (const std::uint64_t extent : dims) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

Group Group::Create(const std::string& name) const {
  const Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  H5Pset_obj_track_times(properties.get(), false);
  H5Pset_attr_phase_change(properties.get(), kCompactAttributes, kCompactAttributes);
  Handle group(Must(H5Gcreate2(id_.get(), name.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT), file_, Key(name)),
               H5Gclose);
  return {std::move(group), file_, Key(name) + "/", checksums_};
}

Handle Group::CreateArray(const std::string& name, hid_t type, const Dims& dims, Storage storage) const {
  const Handle space = Space(dims);
  const Handle properties = CreationProperties(dims, H5Tget_size(type), storage);
  const hid_t id = H5Dcreate2(id_.get(), name.c_str(), type, space.get(), H5P_DEFAULT, properties.get(), H5P_DEFAULT);
  return {Must(id, file_, Key(name)), H5Dclose};
}

// Chunks reach the file when the array closes, so that closing is part of writing.
void Group::WriteAndClose(const std::string& name, Handle array, hid_t type, const void* values) const {
  Must(H5Dwrite(array.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), file_, Key(name));
  Must(array.Reset() ? 0 : -1, file_, Key(name));
}

template <class T>
void Group::WriteArray(const std::string& name, const T* values, const Dims& dims, Storage storage,
                       const Label& label) const {
  Handle array = CreateArray(name, FileType<T>(), dims, storage);
  if (!label.meaning.empty()) {
    WriteAttribute(array.get(), "unit", label.unit, file_, Key(name));
    WriteAttribute(array.get(), "meaning", label.meaning, file_, Key(name));
  }
  if (Product(dims) > 0) WriteAndClose(name, std::move(array), FileType<T>(), values);
}

void Group::WriteText(const std::string& name, std::string_view text) const {
  GENBA_CHECK(text.size() <= kMaxTextBytes, name + " is longer than a reader accepts");
  WriteArray(name, reinterpret_cast<const std::uint8_t*>(text.data()), {text.size()}, Storage::kCompressed);
}

void Group::WriteNames(const std::string& name, const std::vector<std::string>& names) const {
  std::size_t longest = 1;
  for (const std::string& text : names) longest = std::max(longest, text.size());
  std::string block;
  for (const std::string& text : names) block += text + std::string(longest - text.size(), '\0');
  const Handle type = StringType(longest);
  Handle array = CreateArray(name, type.get(), {names.size()}, Storage::kChecked);
  if (!names.empty()) WriteAndClose(name, std::move(array), type.get(), block.data());
}

template <class T>
void Group::WriteNumber(const std::string& name, T value) const {
  const Handle space(H5Screate(H5S_SCALAR), H5Sclose);
  const Handle attribute(
      Must(H5Acreate2(id_.get(), name.c_str(), FileType<T>(), space.get(), H5P_DEFAULT, H5P_DEFAULT), file_, Key(name)),
      H5Aclose);
  Must(H5Awrite(attribute.get(), FileType<T>(), &value), file_, Key(name));
}

void Group::WriteString(const std::string& name, std::string_view text) const {
  WriteAttribute(id_.get(), name, text, file_, Key(name));
}

void Group::CheckHardLink(const std::string& name) const {
  GENBA_CHECK(!name.empty() && name != "." && name.find('/') == std::string::npos, "a link name is one path component");
  H5L_info_t info{};
  if (H5Lexists(id_.get(), name.c_str(), H5P_DEFAULT) <= 0 ||
      H5Lget_info(id_.get(), name.c_str(), &info, H5P_DEFAULT) < 0) {
    throw BadInput({file_, Key(name), "present", "none"});
  }
  if (info.type != H5L_TYPE_HARD)
    throw BadInput({file_, Key(name), "an object of this file", "a soft or external link"});
}

// Objects of the older format have no checksums, and their readers in HDF5 1.10 run over the end of damaged ones.
void Group::CheckFormat(const std::string& name, hid_t object) const {
  H5O_info_t info{};
  if (H5Oget_info2(object, &info, H5O_INFO_HDR) < 0 || info.hdr.version < 2)
    throw BadInput({file_, Key(name), "an object in HDF5's latest format", "one in an older format"});
}

bool Group::Has(const std::string& name) const { return H5Lexists(id_.get(), name.c_str(), H5P_DEFAULT) > 0; }

Group Group::Open(const std::string& name) const {
  CheckHardLink(name);
  Handle group(H5Gopen2(id_.get(), name.c_str(), H5P_DEFAULT), H5Gclose);
  if (!group.ok()) throw BadInput({file_, Key(name), "a readable group", "something else"});
  CheckFormat(name, group.get());
  return {std::move(group), file_, Key(name) + "/", checksums_};
}

std::uint64_t Group::NumLinks() const {
  H5G_info_t info{};
  if (H5Gget_info(id_.get(), &info) < 0) throw BadInput({file_, path_, "a readable group", "damage"});
  return info.nlinks;
}

Handle Group::OpenArray(const std::string& name, hid_t type, const Dims& dims) const {
  CheckHardLink(name);
  Handle array(H5Dopen2(id_.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
  if (!array.ok()) throw BadInput({file_, Key(name), "a readable array", "something else"});
  CheckFormat(name, array.get());
  const Handle stored_type(H5Dget_type(array.get()), H5Tclose);
  if (H5Tequal(stored_type.get(), type) <= 0)
    throw BadInput({file_, Key(name), TypeText(type), TypeText(stored_type.get())});
  const Handle space(H5Dget_space(array.get()), H5Sclose);
  const Dims stored = SpaceDims(space.get());
  if (stored != dims) throw BadInput({file_, Key(name), "shape " + DimsText(dims), DimsText(stored)});
  return array;
}

// Chunk by chunk; nothing is decoded into more than the array has, and memory for the array is the caller's.
void Group::ReadInto(const std::string& name, const Handle& array, hid_t type, const Dims& dims, void* target) const {
  const auto damaged = [&](const std::string& what) { return BadInput({file_, Key(name), "intact data", what}); };
  const ChunkLayout layout = LayoutOf(array.get(), dims, file_, Key(name));
  const std::size_t element = H5Tget_size(type), row_bytes = Product(dims) / dims[0] * element;
  std::vector<std::uint8_t> stored, chunk(layout.rows * row_bytes);
  std::vector<hsize_t> offset(dims.size(), 0);
  for (std::uint64_t row = 0; row < dims[0]; row += layout.rows) {
    offset[0] = row;
    hsize_t size = 0;
    // Deflate makes what does not shrink a little longer.
    const std::uint64_t most = chunk.size() + chunk.size() / 512 + 64;
    if (H5Dget_chunk_storage_size(array.get(), offset.data(), &size) < 0 || size > most)
      throw damaged("a chunk of " + std::to_string(size) + " bytes");
    stored.resize(size);
    std::uint32_t skipped_filters = 0;
    if (size > 0 && (H5Dread_chunk(array.get(), H5P_DEFAULT, offset.data(), &skipped_filters, stored.data()) < 0 ||
                     skipped_filters != 0))
      throw damaged("damaged storage");
    const std::string problem =
        DecodeChunk(stored, {layout.deflated, element, checksums_ == Checksums::kRequire}, chunk);
    if (!problem.empty()) throw damaged(problem);
    const std::uint64_t rows = std::min(layout.rows, dims[0] - row);  // the last chunk is padded
    std::memcpy(static_cast<std::uint8_t*>(target) + row * row_bytes, chunk.data(), rows * row_bytes);
  }
}

// Before memory is taken for an array: all its chunks are stored, and deflate cannot shrink below 1:1032.
void Group::CheckStored(const std::string& name, const Handle& array, hid_t type, const Dims& dims) const {
  const ChunkLayout layout = LayoutOf(array.get(), dims, file_, Key(name));
  const std::uint64_t bytes = Product(dims) * H5Tget_size(type), stored = H5Dget_storage_size(array.get());
  if (bytes > (layout.deflated ? stored * 1100 : stored))
    throw BadInput({file_, Key(name), std::to_string(bytes) + " bytes of data", std::to_string(stored) + " stored"});
}

template <class T>
std::vector<T> Group::ReadArray(const std::string& name, const Dims& dims) const {
  const Handle array = OpenArray(name, FileType<T>(), dims);
  if (Product(dims) == 0) return {};
  CheckStored(name, array, FileType<T>(), dims);
  std::vector<T> values(Product(dims));
  ReadInto(name, array, FileType<T>(), dims, values.data());
  return values;
}

std::string Group::ReadText(const std::string& name, std::uint64_t max_bytes) const {
  Dims dims;
  {
    CheckHardLink(name);
    const Handle any(H5Dopen2(id_.get(), name.c_str(), H5P_DEFAULT), H5Dclose);
    if (!any.ok()) throw BadInput({file_, Key(name), "a readable text", "something else"});
    CheckFormat(name, any.get());
    const Handle space(H5Dget_space(any.get()), H5Sclose);
    dims = SpaceDims(space.get());
  }
  if (dims.size() != 1 || dims[0] > max_bytes) {
    throw BadInput(
        {file_, Key(name), "a text of at most " + std::to_string(max_bytes) + " bytes", "shape " + DimsText(dims)});
  }
  const Handle array = OpenArray(name, FileType<std::uint8_t>(), dims);
  if (dims[0] == 0) return "";
  CheckStored(name, array, FileType<std::uint8_t>(), dims);
  std::string text(dims[0], '\0');
  ReadInto(name, array, FileType<std::uint8_t>(), dims, text.data());
  return text;
}

bool Group::HasAttribute(const std::string& name) const { return H5Aexists(id_.get(), name.c_str()) > 0; }

Handle Group::OpenAttribute(const std::string& name) const {
  if (!HasAttribute(name)) throw BadInput({file_, Key(name), "present", "none"});
  Handle attribute(H5Aopen(id_.get(), name.c_str(), H5P_DEFAULT), H5Aclose);
  const Handle space(attribute.ok() ? H5Aget_space(attribute.get()) : H5I_INVALID_HID, H5Sclose);
  if (!space.ok() || H5Sget_simple_extent_type(space.get()) != H5S_SCALAR) {
    throw BadInput({file_, Key(name), "one value", "something else"});
  }
  return attribute;
}

template <class T>
T Group::ReadNumber(const std::string& name) const {
  const Handle attribute = OpenAttribute(name);
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  if (H5Tequal(type.get(), FileType<T>()) <= 0)
    throw BadInput({file_, Key(name), TypeText(FileType<T>()), TypeText(type.get())});
  T value{};
  if (H5Aread(attribute.get(), FileType<T>(), &value) < 0)
    throw BadInput({file_, Key(name), "a readable value", "damage"});
  return value;
}

std::string Group::ReadString(const std::string& name) const {
  const Handle attribute = OpenAttribute(name);
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  if (H5Tget_class(type.get()) != H5T_STRING || H5Tis_variable_str(type.get()) != 0 ||
      H5Tget_size(type.get()) > kMaxAttributeBytes) {
    throw BadInput({file_, Key(name), "a text of fixed length", TypeText(type.get())});
  }
  std::string text(H5Tget_size(type.get()), '\0');
  if (H5Aread(attribute.get(), type.get(), text.data()) < 0)
    throw BadInput({file_, Key(name), "a readable text", "damage"});
  text.resize(std::strlen(text.c_str()));  // padded with NUL
  return text;
}

template void Group::WriteArray(const std::string&, const float*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const double*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const std::uint8_t*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const std::uint32_t*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const std::uint64_t*, const Dims&, Storage, const Label&) const;
template std::vector<float> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<double> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<std::uint8_t> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<std::uint32_t> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<std::uint64_t> Group::ReadArray(const std::string&, const Dims&) const;
template void Group::WriteNumber(const std::string&, std::uint8_t) const;
template void Group::WriteNumber(const std::string&, std::int64_t) const;
template void Group::WriteNumber(const std::string&, std::uint64_t) const;
template std::uint8_t Group::ReadNumber(const std::string&) const;
template std::int64_t Group::ReadNumber(const std::string&) const;
template std::uint64_t Group::ReadNumber(const std::string&) const;

}  // namespace genba::datasets::hdf5
