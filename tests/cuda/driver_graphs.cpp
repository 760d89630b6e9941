// Graphs of the emulated driver: the work of a stream, kept to be done as often as it is launched.

#include "driver_state.h"

using namespace emulation;

extern "C" {

int cuStreamIsCapturing(void* stream, int* status) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (is_implicit(stream)) return refused(kCaptureImplicit);
  *status = is_captured(stream) ? state().captures[stream].is_invalidated ? 2 : 1 : 0;
  return kSuccess;
}

int cuStreamBeginCapture_v2(void* stream, int) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  if (stream == nullptr || is_captured(stream)) return kCaptureUnsupported;
  state().captures[stream];
  return kSuccess;
}

int cuStreamEndCapture(void* stream, Work** graph) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (!is_captured(stream)) return kInvalidValue;
  Capture capture = std::move(state().captures[stream]);
  state().captures.erase(stream);
  *graph = nullptr;
  if (capture.is_invalidated) return kCaptureInvalidated;
  state().graphs.push_back(std::move(capture.work));
  *graph = &state().graphs.back();
  return kSuccess;
}

int cuGraphInstantiateWithFlags(Work** executable, Work* graph, unsigned long long) {
  *executable = graph;
  return kSuccess;
}

int cuGraphLaunch(Work* executable, void* stream) {
  const std::lock_guard<std::recursive_mutex> hold(state().lock);
  if (const int status = unusable()) return status;
  for (const std::function<void()>& work : *executable) {
    if (const int status = enqueue(stream, work)) return status;
  }
  return kSuccess;
}

}  // extern "C"
