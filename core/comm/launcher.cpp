#include "comm/launcher.h"

#include "runtime/environment.h"

namespace thinbit {

const char* launcher_variable() {
  // Hydra and Slurm's PMI, PMIx, Open MPI's mpirun. SLURM_PROCID alone is no sign: a batch script
  // has it too.
  for (const char* name : {"PMI_RANK", "PMI_FD", "PMIX_RANK", "OMPI_COMM_WORLD_RANK"}) {
    if (environment(name) != nullptr) return name;
  }
  return nullptr;
}

}  // namespace thinbit
