// mpi_module.h - the only door to MPI: a table of C functions, made by libgenba_mpi.so, which trainer/ranks/mpi_comm.cc loads
// when there is more than one rank. So the program starts where there is no MPI, and a single process never meets it.
// One exchange at a time, by one thread: begin_…, then poll() until it is over; buffers stay the caller's and must live
// until then. No C++ crosses this door: no exceptions, no tensors.
#pragma once

extern "C" {

struct GenbaMpi {
  int interface;              // kGenbaMpiInterface of the time it was built
  const char* (*join)(void);  // MPI_Init; null, or what failed
  int (*rank)(void), (*size)(void);
  void (*begin_gather)(const void* mine, void* all,
                       int bytes);  // bytes of each rank, to everyone, in rank order; mine may lie in its place
  void (*begin_swap)(const void* pieces, void* got, int bytes);  // piece r of everyone's pieces, to rank r
  void (*begin_broadcast)(void* data, int bytes, int root);
  int (*poll)(void);  // 1: over, 0: not yet, -1: failed, and failure() says how
  const char* (*failure)(void);
  // Notes are outside the exchanges: nobody has to wait for them. hear returns who sent the next one, or -1.
  void (*tell)(int rank, const void* note, int bytes);
  int (*hear)(void* note, int bytes);
  void (*leave)(void);  // MPI_Finalize; every rank has to
};

constexpr int kGenbaMpiInterface = 1;

const GenbaMpi* genba_mpi();
}
