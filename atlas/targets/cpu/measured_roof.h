// The limits of the host's processor, measured.
#pragma once

#include "atlas/base/thread_pool.h"
#include "atlas/timeline/roof.h"

namespace atlas::cpu {

/// What all threads of the pool reach together, with the instruction set in use: multiply-adds of f32, of i8
/// (as the kernels do them), and reading of sets from 16 KiB a thread to memory. Takes about 0.4 s of
/// computing.
Roof measured_roof(ThreadPool& pool);

}  // namespace atlas::cpu
