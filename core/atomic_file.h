// atomic_file.h - the one writer and the one reader of whole files. A plain file is either wholly there or not there:
// unique temporary name, write, fsync, rename, fsync of the folder. Symlinks are followed; devices, pipes and open
// descriptors (/dev/stdout) are written into, never replaced. Any thread, any process. Failure: Error(kEnvironment)
// naming path and cause; the temporary file is removed, an older file stays as it was.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace genba {

// A name in the same folder that nobody else uses, for what is published under path later: ".tmp-genba-PID-N-NAME".
std::filesystem::path TemporaryName(const std::filesystem::path& path);

void WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes);

// Before long work: throws what WriteFileAtomically(path) would throw, as far as that can be known; leaves nothing.
void CheckWritableTarget(const std::filesystem::path& path);

// Removes what killed processes left directly inside folder: files and folders named by TemporaryName whose process is
// gone. Nothing else. Returns how many.
int RemoveTemporaries(const std::filesystem::path& folder);

void FsyncFolder(const std::filesystem::path& folder);

// Creates folder and parents; Error(kEnvironment) when that is not possible or the folder cannot be written.
void MakeWritableFolder(const std::filesystem::path& folder);

// Whole file as bytes; Error(kBadInput) when missing, unreadable, longer than max_bytes or no plain file: a folder from
// elsewhere may hold a pipe, which nobody writes into.
std::string ReadFile(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{1} << 32);
// The same of what the user names: also a pipe or a device, of which at most 64 MiB are read.
std::string ReadStream(const std::filesystem::path& path, std::size_t max_bytes);

// Bytes into an open descriptor, to the end; name is what refusals call it.
void WriteDescriptor(int descriptor, std::string_view bytes, const std::string& name);

}  // namespace genba
