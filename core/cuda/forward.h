#pragma once

#include "cuda/plugin.h"
#include "runtime/context.h"

namespace thinbit::cuda {

// The session of a context on a GPU, and the plugin's backend.
Session& session_of(Context& context);
const BackendOf<Session>& plugin_backend();

template <auto slot>
struct Forwarded;

template <class Call, Fault (*BackendOf<Session>::*slot)(Session&, const Call&)>
struct Forwarded<slot> {
  static Fault call(Context& context, const Call& call) {
    return (plugin_backend().*slot)(session_of(context), call);
  }
};

// An op of the core's table: the plugin's, with the context's session.
template <auto slot>
constexpr auto forward = Forwarded<slot>::call;

}  // namespace thinbit::cuda
