#!/usr/bin/env bash
# comm_refusals.sh PROGRAM MPIEXEC LIBRARY OTHER: inside a launcher a group is that of the launcher, or an error that
# says why, and never silently this process alone; a rank that fails ends the job. LIBRARY has the standard ABI, OTHER
# is another MPI.
set -uo pipefail
program=$1 mpiexec=$2 library=$3 other=$4
failed=0

# refused NAME EXPECTED VARIABLE=VALUE...: the program under these variables says EXPECTED.
refused() {
  local name=$1 expected=$2 said
  shift 2
  said=$(env -u VIRTUAL_ENV -u CONDA_PREFIX PMI_RANK=0 "$@" timeout 20 "$program" 2>&1)
  if [ $? -eq 2 ] && [[ $said == *"comm_init.library.unsupported"*"$expected"* ]]; then
    echo "passed $name"
  else
    echo "FAILED $name: $said"
    failed=1
  fi
}

refused a_missing_library "pip install mpich" THINBIT_MPI_LIBRARY= LD_LIBRARY_PATH=
refused a_path_that_is_none "/no/such/library.so (THINBIT_MPI_LIBRARY)" THINBIT_MPI_LIBRARY=/no/such/library.so
refused a_library_without_the_standard_abi "no function MPI_Initialized" THINBIT_MPI_LIBRARY=libm.so.6
refused a_second_mpi "another MPI, $other" THINBIT_MPI_LIBRARY="$library" LD_PRELOAD="$other"

# ends NAME HOW STATUS: a job in which rank 0 ends in this way has this status, within ten seconds. Its output is in `said`.
ends() {
  local name=$1 began=$SECONDS status
  said=$(THINBIT_MPI_LIBRARY=$library timeout 30 "$mpiexec" -n 2 "$program" "$2" 2>&1)
  status=$?
  if [ $status -eq "$3" ] && [ $((SECONDS - began)) -lt 10 ]; then
    echo "passed $name"
  else
    echo "FAILED $name: status $status after $((SECONDS - began)) s: $said"
    failed=1
  fi
}

ends a_killed_rank_ends_the_job killed 9
ends a_rank_that_fails_ends_the_job fails 3
ends a_rank_that_succeeds_waits_for_the_others leaves 0
if [[ $said != *"rank 1 is done"* ]]; then
  echo "FAILED: the job was over before rank 1 was: $said"
  failed=1
fi
exit $failed
