// The in-memory file of hdf5.h: HDF5's core driver over a block that ends up ours.
// H5Fget_file_image is no way out: in 1.10 it clears the superblock's status flags without renewing its checksum. The
// block is therefore taken when the file closes, through the driver's image callbacks.
#include <atomic>
#include <cstdlib>
#include <cstring>

#include "core/error.h"
#include "datasets/hdf5.h"

namespace genba::datasets::hdf5 {
namespace {

constexpr std::size_t kGrowthBytes = 4u << 20;
// HDF5 File Format Specification, II.A, superblock versions 2 and 3.
constexpr std::string_view kSignature = "\x89HDF\r\n\x1a\n";
constexpr std::size_t kVersionOffset = 8, kBaseOffset = 12, kEndOfFileOffset = 28, kSuperblockBytes = 48;

// HDF5 prints its error stack by itself and may load plugins named by the environment: neither is wanted. Per thread.
void Quiet() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
}

// HDF5 takes two open images of one name for one file, and looks for a name on disk: each gets a name that nothing else
// has.
std::string ImageName() {
  static std::atomic<std::uint64_t> counter{0};
  return "/genba-image/" + std::to_string(counter++);
}

}  // namespace

struct File::Image {
  void* block = nullptr;  // what the closed file left
  std::string bytes;      // of a file that is read
  ~Image() { std::free(block); }

  static void* Allocate(std::size_t size, H5FD_file_image_op_t, void*) { return std::malloc(size); }
  static void* Resize(void* block, std::size_t size, H5FD_file_image_op_t, void*) { return std::realloc(block, size); }
  static void* Copy(void* to, const void* from, std::size_t size, H5FD_file_image_op_t, void*) {
    return std::memcpy(to, from, size);
  }
  static herr_t Free(void* block, H5FD_file_image_op_t operation, void* self) {
    if (operation == H5FD_FILE_IMAGE_OP_FILE_CLOSE) {
      static_cast<Image*>(self)->block = block;
    } else {
      std::free(block);
    }
    return 0;
  }
  // Of a file that is read: HDF5 asks for memory and gets the bytes themselves.
  static void* Lend(std::size_t size, H5FD_file_image_op_t, void* self) {
    std::string& bytes = static_cast<Image*>(self)->bytes;
    return size == bytes.size() ? bytes.data() : nullptr;
  }
  static void* CopyLent(void* to, const void* from, std::size_t, H5FD_file_image_op_t, void*) {
    return to == from ? to : nullptr;
  }
  static void* ResizeLent(void*, std::size_t, H5FD_file_image_op_t, void*) { return nullptr; }
  static herr_t FreeLent(void*, H5FD_file_image_op_t, void*) { return 0; }
  // Property lists carry the pointer; none of them owns it.
  static void* CopySelf(void* self) { return self; }
  static herr_t FreeSelf(void*) { return 0; }
};

File::File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;
// The image outlives the file, whose closing hands it over.
File::~File() {
  root_.reset();
  id_.Reset();
}

File File::Create(const std::string& name) {
  Quiet();
  File file;
  file.name_ = name;
  file.image_ = std::make_unique<Image>();
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_libver_bounds(access.get(), H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);  // every piece of metadata has a checksum
  H5Pset_fapl_core(access.get(), kGrowthBytes, false);
  H5FD_file_image_callbacks_t callbacks{Image::Allocate, Image::Copy,     Image::Resize,    Image::Free,
                                        Image::CopySelf, Image::FreeSelf, file.image_.get()};
  H5Pset_file_image_callbacks(access.get(), &callbacks);
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  H5Pset_obj_track_times(creation.get(), false);  // no clock in the bytes
  file.id_ = Handle(H5Fcreate(ImageName().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose);
  Handle root(file.id_.ok() ? H5Gopen2(file.id_.get(), "/", H5P_DEFAULT) : H5I_INVALID_HID, H5Gclose);
  if (!root.ok()) throw Error(ErrorKind::kEnvironment, "cannot start " + name + ": HDF5 refuses (memory?)");
  file.root_.reset(new Group(std::move(root), name, "", Checksums::kRequire));
  return file;
}

std::string File::CloseToBytes() {
  const bool flushed = H5Fflush(id_.get(), H5F_SCOPE_GLOBAL) >= 0;
  root_.reset();
  if (!id_.Reset() || !flushed || image_->block == nullptr) {
    throw Error(ErrorKind::kEnvironment, "cannot finish " + name_ + ": HDF5 refuses (memory?)");
  }
  // The block is longer than the file, it grows in leaps; where the file ends, its superblock (version 2 and 3) says.
  const char* block = static_cast<const char*>(image_->block);
  std::uint64_t size = 0;
  std::memcpy(&size, block + kEndOfFileOffset, sizeof size);
  std::string bytes(block, size);
  image_.reset();
  return bytes;
}

namespace {

// What HDF5 would otherwise read without a murmur: old formats, a superblock somewhere behind other bytes, an end that
// is not the file's.
void CheckSuperblock(const std::string& bytes, const std::string& name) {
  const auto number = [&](std::size_t offset) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
  };
  if (bytes.size() < kSuperblockBytes || !bytes.starts_with(kSignature))
    throw BadInput({name, "", "an intact HDF5 file", "something else, or a part of one"});
  const int version = static_cast<unsigned char>(bytes[kVersionOffset]);
  if (version != 3) throw BadInput({name, "superblock version", "3", std::to_string(version)});
  if (number(kBaseOffset) != 0) throw BadInput({name, "base address", "0", std::to_string(number(kBaseOffset))});
  if (number(kEndOfFileOffset) != bytes.size())
    throw BadInput({name, "", "an intact HDF5 file of " + std::to_string(number(kEndOfFileOffset)) + " bytes",
                    std::to_string(bytes.size()) + " bytes"});
}

}  // namespace

File File::FromBytes(std::string bytes, const std::string& name, Checksums checksums) {
  Quiet();
  CheckSuperblock(bytes, name);
  File file;
  file.name_ = name;
  file.image_ = std::make_unique<Image>();
  file.image_->bytes = std::move(bytes);
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fapl_core(access.get(), kGrowthBytes, false);
  H5FD_file_image_callbacks_t callbacks{Image::Lend,     Image::CopyLent, Image::ResizeLent, Image::FreeLent,
                                        Image::CopySelf, Image::FreeSelf, file.image_.get()};
  std::string& lent = file.image_->bytes;
  const bool taken = H5Pset_file_image_callbacks(access.get(), &callbacks) >= 0 &&
                     H5Pset_file_image(access.get(), lent.data(), lent.size()) >= 0;
  file.id_ = Handle(taken ? H5Fopen(ImageName().c_str(), H5F_ACC_RDONLY, access.get()) : H5I_INVALID_HID, H5Fclose);
  Handle root(file.id_.ok() ? H5Gopen2(file.id_.get(), "/", H5P_DEFAULT) : H5I_INVALID_HID, H5Gclose);
  if (!root.ok()) throw BadInput({name, "", "an intact HDF5 file", "something else, or a part of one"});
  file.root_.reset(new Group(std::move(root), name, "", checksums));
  return file;
}

}  // namespace genba::datasets::hdf5
