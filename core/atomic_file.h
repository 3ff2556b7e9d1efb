// atomic_file.h - files that are either wholly there or not there: temporary name, write, fsync, rename,
// fsync of the folder. Called by whoever publishes something (shards, manifests, checkpoints). Any thread,
// distinct paths. Failure: Error(kEnvironment) naming path and cause; the temporary file is removed, an older
// file stays as it was.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace genba {

// The name a file has until it is published: same folder, ".tmp-" in front.
std::filesystem::path TemporaryName(const std::filesystem::path& path);

// Writes bytes to path durably.
void WriteFileAtomically(const std::filesystem::path& path, std::string_view bytes);

// Publishes a finished temporary file: fsync(temporary), rename to path, fsync the folder.
void PublishFile(const std::filesystem::path& temporary, const std::filesystem::path& path);

// Removes leftovers of killed writers (".tmp-*") directly inside folder; returns how many.
int RemoveTemporaries(const std::filesystem::path& folder);

void FsyncFolder(const std::filesystem::path& folder);

// Creates folder and parents; Error(kEnvironment) when that is not possible or the folder cannot be written.
void MakeWritableFolder(const std::filesystem::path& folder);

// Whole file as bytes; Error(kBadInput) when missing, unreadable or longer than max_bytes.
std::string ReadFile(const std::filesystem::path& path, std::size_t max_bytes = std::size_t{1} << 32);

}  // namespace genba
