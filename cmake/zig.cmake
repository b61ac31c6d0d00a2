# SPDX-License-Identifier: Apache-2.0
# Builds for SIDESEAT_PORT, another system, with zig: macos-arm64, macos-x86_64, freebsd,
# windows-arm64 or windows-x86_64. The environment's SIDESEAT_SYSROOTS is the folder where
# tests/ports/run and tests/windows/prepare keep the compiler's name and the libraries of each.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SIDESEAT_PORT)
set(prefix $ENV{SIDESEAT_SYSROOTS}/${SIDESEAT_PORT})
if(SIDESEAT_PORT MATCHES "^macos-(.*)")
    set(CMAKE_SYSTEM_NAME Darwin)
    set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_MATCH_1})
    find_program(CMAKE_INSTALL_NAME_TOOL NAMES llvm-install-name-tool llvm-install-name-tool-14)
    # our declarations of the frameworks, and their stubs
    set(CMAKE_C_FLAGS_INIT "-I${CMAKE_CURRENT_LIST_DIR}/../tests/macos/include")
    set(CMAKE_SHARED_LINKER_FLAGS_INIT "-F${prefix}")
    set(CMAKE_EXE_LINKER_FLAGS_INIT "-F${prefix}")
elseif(SIDESEAT_PORT STREQUAL "freebsd")
    set(CMAKE_SYSTEM_NAME FreeBSD)
    set(CMAKE_SYSTEM_PROCESSOR x86_64)
elseif(SIDESEAT_PORT MATCHES "^windows-(.*)") # with the Universal C Runtime
    set(CMAKE_SYSTEM_NAME Windows)
    set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_MATCH_1})
    set(CMAKE_C_FLAGS_INIT "-Wno-macro-redefined") # _WIN32_WINNT, which zig has set
    find_program(CMAKE_RC_COMPILER NAMES llvm-windres llvm-windres-14)
    set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
    set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
    set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
else()
    message(FATAL_ERROR "SIDESEAT_PORT is ${SIDESEAT_PORT}; it can be macos-arm64, macos-x86_64, freebsd, windows-arm64 or windows-x86_64")
endif()
set(CMAKE_C_COMPILER ${prefix}/cc)
string(APPEND CMAKE_C_FLAGS_INIT " -isystem ${prefix}/include")
find_program(CMAKE_AR NAMES llvm-ar llvm-ar-14)
find_program(CMAKE_RANLIB NAMES llvm-ranlib llvm-ranlib-14)
set(CMAKE_FIND_ROOT_PATH ${prefix})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(ENV{PKG_CONFIG_LIBDIR} ${prefix}/lib/pkgconfig)
