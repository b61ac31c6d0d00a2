# SPDX-License-Identifier: Apache-2.0
# Builds for Windows with MinGW-w64. The environment's SIDESEAT_SYSROOTS is the folder where
# tests/windows/libraries.sh keeps the libraries for it.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR x86_64)
# with threads of POSIX, whose library (winpthreads) goes into what we link
set(CMAKE_C_COMPILER x86_64-w64-mingw32-gcc-posix)
set(CMAKE_RC_COMPILER x86_64-w64-mingw32-windres)

set(prefix $ENV{SIDESEAT_SYSROOTS}/windows)
set(CMAKE_FIND_ROOT_PATH ${prefix})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
set(ENV{PKG_CONFIG_LIBDIR} ${prefix}/lib/pkgconfig)

# headers without a library
set(CMAKE_C_FLAGS_INIT "-isystem ${prefix}/include")

# nothing but the system's own libraries is loaded
foreach(kind EXE MODULE SHARED)
    set(CMAKE_${kind}_LINKER_FLAGS_INIT "-static -L${prefix}/lib")
endforeach()

# the tests run here, with Wine
set(CMAKE_CROSSCOMPILING_EMULATOR ${CMAKE_CURRENT_LIST_DIR}/../tests/windows/wine.sh)
