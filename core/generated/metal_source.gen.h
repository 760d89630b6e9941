// generated from core/metal/kernels/all.msl and what it includes: do not edit
#pragma once

namespace thinbit::metal {

// Every kernel in the Metal shading language; the templates' instantiations are the host's.
extern const char* const kMetalSource;

}  // namespace thinbit::metal
