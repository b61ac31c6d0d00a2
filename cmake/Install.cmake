# SPDX-License-Identifier: Apache-2.0
# What belongs to no folder of its own; programs, manual pages and configuration install where they
# are made.

# house_place(TEMPLATE DESTINATION NAME): installs a file that names places of the installation, as
# the prefix at that time has them (Place.cmake).
function(house_place template destination name)
    cmake_path(ABSOLUTE_PATH template BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
    foreach(pair
            "TEMPLATE=${template}" "DESTINATION=${destination}" "NAME=${name}"
            "SCRATCH=${CMAKE_CURRENT_BINARY_DIR}/placed" "BINDIR=${CMAKE_INSTALL_BINDIR}"
            "LIBDIR=${CMAKE_INSTALL_LIBDIR}" "LIBEXECDIR=${CMAKE_INSTALL_LIBEXECDIR}"
            "INCLUDEDIR=${CMAKE_INSTALL_INCLUDEDIR}" "P11KIT_MODULES=${P11KIT_MODULES}"
            "P11KIT_CONFIGS=${P11KIT_CONFIGS}" "DATADIR=${CMAKE_INSTALL_DATADIR}"
            "MODULE_SUFFIX=${MODULE_SUFFIX}" "PROJECT_NAME=${PROJECT_NAME}" "PROJECT_DESCRIPTION=${PROJECT_DESCRIPTION}"
            "PROJECT_VERSION=${PROJECT_VERSION}")
        string(REGEX MATCH "^([A-Z0-9_]+)=(.*)$" matched "${pair}")
        string(APPEND settings "set(${CMAKE_MATCH_1} [==[${CMAKE_MATCH_2}]==])\n")
    endforeach()
    install(CODE "${settings}include([==[${PROJECT_SOURCE_DIR}/cmake/Place.cmake]==])")
endfunction()
