# Sourced: CMake's compilers run through ccache where it is installed.
if command -v ccache >/dev/null; then
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # what one clone compiled serves the next
  export CMAKE_{C,CXX,OBJCXX}_COMPILER_LAUNCHER=ccache
fi
