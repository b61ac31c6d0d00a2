# SPDX-License-Identifier: Apache-2.0
# Builds with musl on a machine with glibc, for tests/ports/run, which keeps the libraries that it has
# built with musl below the environment's SIDESEAT_SYSROOTS.
set(prefix $ENV{SIDESEAT_SYSROOTS}/musl)
execute_process(COMMAND gcc -print-multiarch OUTPUT_VARIABLE multiarch OUTPUT_STRIP_TRAILING_WHITESPACE)
set(CMAKE_C_COMPILER musl-gcc)
# the kernel's headers, and those without a library
set(CMAKE_C_FLAGS_INIT "-idirafter /usr/include/${multiarch} -idirafter /usr/include")
set(CMAKE_PREFIX_PATH ${prefix})
set(ENV{PKG_CONFIG_LIBDIR} ${prefix}/lib/pkgconfig)
# the tests link libcmocka by its name; the module looks for libcrypto in the program's path
set(CMAKE_EXE_LINKER_FLAGS_INIT "-L${prefix}/lib -Wl,-rpath,${prefix}/lib")
