// What the core asks the plugin for.

#include "cuda/plugin.h"

#include <new>
#include <string>

#include "cuda/plugin/device_error.h"
#include "cuda/plugin/driver.h"
#include "cuda/plugin/session.h"
#include "generated/cuda_kernels.gen.h"
#include "generated/schema_hash.gen.h"
#include "runtime/kept_texts.h"

namespace thinbit::cuda {
namespace {

const char* absence() { return driver_absence(); }

int32_t device_count() { return Device::count(); }

Fault open(int32_t device, void* stream, Session** session) {
  try {
    *session = new Session(device, stream);
    return Fault::none();
  } catch (const std::bad_alloc&) {
    return Fault::out_of_memory();
  } catch (const DeviceError& error) {
    return Fault::device(kept(error.text));
  }
}

void close(Session* session) { delete session; }

Fault sync(Session& session, const char** op, const char** argument) {
  try {
    const Reported reported = session.sync();
    if (reported.fault) {
      *op = op_name(reported.op);
      *argument = reported.argument;
    }
    return reported.fault;
  } catch (const std::bad_alloc&) {
    return Fault::out_of_memory();
  } catch (DeviceError& error) {
    return Fault::device(session.keep_problem(std::move(error.text)).c_str());
  }
}

}  // namespace
}  // namespace thinbit::cuda

extern "C" __attribute__((visibility("default"))) const thinbit::cuda::Plugin*
thinbit_cuda_plugin() {
  using namespace thinbit::cuda;
  static const Plugin plugin = {thinbit::kSchemaHash,  absence, device_count, open, close, sync,
                                &thinbit::kCudaBackend};
  return &plugin;
}
