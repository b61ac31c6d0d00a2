# SPDX-License-Identifier: Apache-2.0
# Builds for SIDESEAT_PORT, another processor with Debian: arm64, i386 or s390x. The environment's
# SIDESEAT_SYSROOTS is the folder where tests/ports/run keeps the libraries of each.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SIDESEAT_PORT)
set(CMAKE_SYSTEM_NAME Linux)
if(SIDESEAT_PORT STREQUAL "arm64")
    set(CMAKE_SYSTEM_PROCESSOR aarch64)
    set(loader ld-linux-aarch64.so.1)
elseif(SIDESEAT_PORT STREQUAL "i386")
    set(CMAKE_SYSTEM_PROCESSOR i686)
    set(loader ld-linux.so.2)
elseif(SIDESEAT_PORT STREQUAL "s390x")
    set(CMAKE_SYSTEM_PROCESSOR s390x)
    set(loader ld64.so.1)
else()
    message(FATAL_ERROR "SIDESEAT_PORT is ${SIDESEAT_PORT}; it can be arm64, i386 or s390x")
endif()
set(CMAKE_C_COMPILER ${CMAKE_SYSTEM_PROCESSOR}-linux-gnu-gcc)
string(REPLACE i686 i386 CMAKE_LIBRARY_ARCHITECTURE ${CMAKE_SYSTEM_PROCESSOR}-linux-gnu)

set(CMAKE_SYSROOT $ENV{SIDESEAT_SYSROOTS}/${SIDESEAT_PORT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
set(ENV{PKG_CONFIG_LIBDIR}
    ${CMAKE_SYSROOT}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)

# The programs run where they are built, so they name the loader and libraries of the sysroot.
set(libraries ${CMAKE_SYSROOT}/lib/${CMAKE_LIBRARY_ARCHITECTURE})
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-Wl,--dynamic-linker=${libraries}/${loader} -Wl,--disable-new-dtags -Wl,-rpath,${libraries}:${CMAKE_SYSROOT}/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}")
