// The limits of the host's processor, measured.
#pragma once

#include "atlas/base/thread_pool.h"
#include "atlas/timeline/roof.h"

namespace atlas::cpu {

/// What all threads of the pool reach together, with the instruction set in use: multiply-adds of f32, of i8
/// (as the kernels do them), and reading of sets from 16 KiB a thread to memory. Takes about 0.4 s of
/// computing.
Roof measured_roof(ThreadPool& pool);

/// Bytes a second of all threads together on a set of this size: reading it, each its part; copying, each
/// half of its part to the other half, what is read and what is written both counted.
double read_rate(ThreadPool& pool, std::size_t set_bytes);
double copy_rate(ThreadPool& pool, std::size_t set_bytes);

}  // namespace atlas::cpu
