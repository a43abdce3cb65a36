// Picks the copy of a kernel that was compiled for the instruction set in use.
#pragma once

#include <hwy/highway.h>

#include "atlas/targets/cpu/kernels/isa.h"

/// The function exported as `kernel` with HWY_EXPORT; reads ATLAS_ISA before the first choice is made.
#define ATLAS_DISPATCH(kernel) (static_cast<void>(::atlas::cpu::active_isa()), HWY_DYNAMIC_DISPATCH(kernel))
