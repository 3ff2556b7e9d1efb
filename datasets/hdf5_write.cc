// The half of hdf5.h that writes: chunks of whole rows with checksums, and no clock in the bytes.
#include <algorithm>

#include "core/error.h"
#include "datasets/hdf5.h"
#include "datasets/hdf5_types.h"

namespace genba::datasets::hdf5 {
namespace {

constexpr std::uint64_t kMaxTextBytes = 4u << 20;  // of a text
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

Handle Space(const Dims& dims) {
  std::vector<hsize_t> extents(dims.begin(), dims.end());
  return {H5Screate_simple(static_cast<int>(dims.size()), extents.data(), nullptr), H5Sclose};
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

template void Group::WriteArray(const std::string&, const float*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const double*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const std::uint8_t*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const std::uint32_t*, const Dims&, Storage, const Label&) const;
template void Group::WriteArray(const std::string&, const std::uint64_t*, const Dims&, Storage, const Label&) const;
template void Group::WriteNumber(const std::string&, std::uint8_t) const;
template void Group::WriteNumber(const std::string&, std::int64_t) const;
template void Group::WriteNumber(const std::string&, std::uint64_t) const;

}  // namespace genba::datasets::hdf5
