// Every declaration that a kernel sees.
#pragma once
#include "atomics.h"
#include "entry.h"
#include "math.h"
#include "simdgroup.h"
#include "simdgroup_matrix.h"
