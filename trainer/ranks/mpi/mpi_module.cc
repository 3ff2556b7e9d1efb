#include "trainer/ranks/mpi/mpi_module.h"

#define OMPI_SKIP_MPICXX 1  // the C functions only
#include <mpi.h>

namespace {

constexpr int kNoteTag = 7;

// C functions can reach nothing but globals: the exchange under way and what was last said of a failure.
MPI_Request exchange = MPI_REQUEST_NULL;
char failure_text[MPI_MAX_ERROR_STRING + 1] = "";
bool failed = false;

bool Succeeded(int result) {
  if (result == MPI_SUCCESS) return true;
  int length = 0;
  failed = true;
  MPI_Error_string(result, failure_text, &length);
  return false;
}

const char* Join() {
  int granted = 0;
  if (!Succeeded(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &granted))) return failure_text;
  return Succeeded(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN)) ? nullptr : failure_text;
}

int Rank() {
  int rank = -1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

int Size() {
  int size = -1;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  return size;
}

void BeginGather(const void* mine, void* all, int bytes) {
  const bool is_there = mine == static_cast<const char*>(all) + static_cast<long>(Rank()) * bytes;
  Succeeded(
      MPI_Iallgather(is_there ? MPI_IN_PLACE : mine, bytes, MPI_BYTE, all, bytes, MPI_BYTE, MPI_COMM_WORLD, &exchange));
}

void BeginSwap(const void* pieces, void* got, int bytes) {
  Succeeded(MPI_Ialltoall(pieces, bytes, MPI_BYTE, got, bytes, MPI_BYTE, MPI_COMM_WORLD, &exchange));
}

void BeginBroadcast(void* data, int bytes, int root) {
  Succeeded(MPI_Ibcast(data, bytes, MPI_BYTE, root, MPI_COMM_WORLD, &exchange));
}

int Poll() {
  int done = 0;
  if (failed || !Succeeded(MPI_Test(&exchange, &done, MPI_STATUS_IGNORE))) return -1;
  return done;
}

const char* Failure() { return failure_text; }

// A note is small: MPI has copied it before MPI_Isend returns, and its request need not be waited for.
void Tell(int rank, const void* note, int bytes) {
  MPI_Request sent = MPI_REQUEST_NULL;
  if (MPI_Isend(note, bytes, MPI_BYTE, rank, kNoteTag, MPI_COMM_WORLD, &sent) == MPI_SUCCESS) MPI_Request_free(&sent);
}

int Hear(void* note, int bytes) {
  int there = 0;
  MPI_Status status;
  if (MPI_Iprobe(MPI_ANY_SOURCE, kNoteTag, MPI_COMM_WORLD, &there, &status) != MPI_SUCCESS || there == 0) return -1;
  const int got = MPI_Recv(note, bytes, MPI_BYTE, status.MPI_SOURCE, kNoteTag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
  return got == MPI_SUCCESS ? status.MPI_SOURCE : -1;
}

void Leave() { MPI_Finalize(); }

constexpr GenbaMpi kTable = {kGenbaMpiInterface, Join, Rank,    Size, BeginGather, BeginSwap,
                             BeginBroadcast,     Poll, Failure, Tell, Hear,        Leave};

}  // namespace

[[gnu::visibility("default")]] const GenbaMpi* genba_mpi() { return &kTable; }
