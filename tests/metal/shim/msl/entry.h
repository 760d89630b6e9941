// What the entry points that the translator writes use.
#pragma once
#include "language.h"

template <typename T>
struct emulation_position;
#define EMULATION_POSITION(T)                                                \
  template <>                                                                \
  struct emulation_position<T> {                                             \
    static EMULATION_INLINE T of(const thread uint* at) { return (T)at[0]; } \
  };                                                                         \
  template <>                                                                \
  struct emulation_position<T##2> {                                          \
    static EMULATION_INLINE T##2 of(const thread uint* at) {                 \
      T##2 position = {(T)at[0], (T)at[1]};                                  \
      return position;                                                       \
    }                                                                        \
  };                                                                         \
  template <>                                                                \
  struct emulation_position<T##3> {                                          \
    static EMULATION_INLINE T##3 of(const thread uint* at) {                 \
      T##3 position = {(T)at[0], (T)at[1], (T)at[2]};                        \
      return position;                                                       \
    }                                                                        \
  };
EMULATION_POSITION(uint)
EMULATION_POSITION(ushort)
