// The half of hdf5.h that reads: whatever a file says of itself is checked before it is believed.
#include <algorithm>
#include <cstring>

#include "core/error.h"
#include "datasets/chunk.h"
#include "datasets/hdf5.h"
#include "datasets/hdf5_types.h"

namespace genba::datasets::hdf5 {
namespace {

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

Dims SpaceDims(hid_t space) {
  const int rank = H5Sget_simple_extent_ndims(space);
  std::vector<hsize_t> extents(static_cast<std::size_t>(std::max(rank, 0)));
  if (rank > 0) H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  return {extents.begin(), extents.end()};
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

}  // namespace

std::string DimsText(const Dims& dims) {
  std::string text;
  for (const std::uint64_t extent : dims) text += (text.empty() ? "" : ", ") + std::to_string(extent);
  return "[" + text + "]";
}

std::uint64_t Product(const Dims& dims) {
  std::uint64_t product = 1;
  for (const std::uint64_t extent : dims) product *= extent;
  return product;
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

template std::vector<float> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<double> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<std::uint8_t> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<std::uint32_t> Group::ReadArray(const std::string&, const Dims&) const;
template std::vector<std::uint64_t> Group::ReadArray(const std::string&, const Dims&) const;
template std::uint8_t Group::ReadNumber(const std::string&) const;
template std::int64_t Group::ReadNumber(const std::string&) const;
template std::uint64_t Group::ReadNumber(const std::string&) const;

}  // namespace genba::datasets::hdf5
