# The machine that runs kernels, which both emulations are made with.
set(THINBIT_EMULATION_SOURCES copies.cpp fiber.cpp hooks.cpp machine.cpp memory.cpp run.cpp shadow.cpp)
list(TRANSFORM THINBIT_EMULATION_SOURCES PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
