// hdf5_types.h - what the two halves of hdf5.h agree on: how a number lies in a file, and how long an attribute may be.
// Internal to hdf5_write.cc and hdf5_read.cc. Types are HDF5's own constants: nobody closes them. Threads: HDF5's one
// lock. Failure: none.
#pragma once
#include <hdf5.h>

#include <bit>
#include <cstdint>

namespace genba::datasets::hdf5 {

constexpr std::uint64_t kMaxAttributeBytes = 1u << 20;

// Little-endian, fixed size; the same in memory, so that nothing is ever converted.
static_assert(std::endian::native == std::endian::little);
template <class T>
hid_t FileType();
template <>
inline hid_t FileType<float>() {
  return H5T_IEEE_F32LE;
}
template <>
inline hid_t FileType<double>() {
  return H5T_IEEE_F64LE;
}
template <>
inline hid_t FileType<std::uint8_t>() {
  return H5T_STD_U8LE;
}
template <>
inline hid_t FileType<std::uint32_t>() {
  return H5T_STD_U32LE;
}
template <>
inline hid_t FileType<std::uint64_t>() {
  return H5T_STD_U64LE;
}
template <>
inline hid_t FileType<std::int64_t>() {
  return H5T_STD_I64LE;
}

}  // namespace genba::datasets::hdf5
