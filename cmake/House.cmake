# SPDX-License-Identifier: Apache-2.0
# The compiler options of all code here: a target only has to link `house`.

set(SIDESEAT_SANITIZE "" CACHE STRING "sanitizers to build with, as -fsanitize= takes them")
option(SIDESEAT_WERROR "treat warnings as errors" ON)

include(CheckCCompilerFlag)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

add_library(house INTERFACE)
# Every #include "..." is a path from the top or from include/.
target_include_directories(house INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_definitions(house INTERFACE _GNU_SOURCE
    _TIME_BITS=64 _FILE_OFFSET_BITS=64) # where a long has 32 bits
# A target with the property SHORT_LENGTHS puts lengths into a CK_ULONG, which may have 32 bits.
target_compile_options(house INTERFACE
    -Wall -Wextra $<$<NOT:$<BOOL:$<TARGET_PROPERTY:SHORT_LENGTHS>>>:-Wconversion> -Wsign-conversion -Wshadow -Wmissing-prototypes
    -Wstrict-prototypes -Wformat=2 -Wundef -pedantic -fno-common
    $<$<BOOL:${SIDESEAT_WERROR}>:-Werror>)
target_link_libraries(house INTERFACE Threads::Threads)
if(APPLE)
    target_include_directories(house BEFORE INTERFACE ${PROJECT_SOURCE_DIR}/platform/macos/include)
    target_compile_options(house INTERFACE -include ${PROJECT_SOURCE_DIR}/platform/macos/missing.h)
elseif(WIN32)
    # POSIX's functions, as far as this code uses them
    target_include_directories(house BEFORE INTERFACE ${PROJECT_SOURCE_DIR}/platform/windows/include)
    target_compile_definitions(house INTERFACE _WIN32_WINNT=0x0A00
        _POSIX_THREAD_SAFE_FUNCTIONS=200112L)
    # its compiler knows the formats of another C library; every other build checks them
    target_compile_options(house INTERFACE -Wno-format -Wno-format-nonliteral)
endif()

if(SIDESEAT_SANITIZE)
    target_compile_options(house INTERFACE -fsanitize=${SIDESEAT_SANITIZE}
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(house INTERFACE -fsanitize=${SIDESEAT_SANITIZE})
elseif(CMAKE_SYSTEM_NAME STREQUAL Linux) # FreeBSD's environ is the program's
    # only here: clang leaves a sanitizer's symbols undefined in modules
    target_link_options(house INTERFACE -Wl,-z,defs)
endif()
if(NOT WIN32 AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    foreach(flag -fcf-protection -mbranch-protection=standard) # of x86, of arm64
        string(MAKE_C_IDENTIFIER "HAVE${flag}" have)
        check_c_compiler_flag(${flag} ${have})
        if(${have})
            set(HARDENED_BRANCHES ${flag})
        endif()
    endforeach()
    target_compile_options(house INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
        -fstack-protector-strong ${HARDENED_BRANCHES})
    if(NOT APPLE) # which does the same by itself
        # -fno-plt: with -z now each function's address is known when a call is made
        target_compile_options(house INTERFACE -fstack-clash-protection -fno-plt)
        target_link_options(house INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
    endif()
    # A target with the property WHOLE_PROGRAM is optimized across its files at link time. For all
    # test programs that would take minutes, so they link the object files as they are.
    if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
        target_compile_options(house INTERFACE -flto=auto -ffat-lto-objects)
        target_link_options(house INTERFACE
            $<IF:$<BOOL:$<TARGET_PROPERTY:WHOLE_PROGRAM>>,-flto=auto,-fno-lto>)
    endif()
endif()
