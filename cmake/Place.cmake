# SPDX-License-Identifier: Apache-2.0
# Run by `cmake --install`: files that name places of the installation are made when the prefix is
# known, so that --prefix and CPack's own are followed. TEMPLATE, NAME, DESTINATION, SCRATCH and the
# folders below the prefix are set by the caller (cmake/Install.cmake).
if(DESTINATION STREQUAL "")
    # for p11-kit, which reads its own folder. What is installed for the whole machine goes there;
    # any other prefix has the file below itself.
    set(DESTINATION "${P11KIT_CONFIGS}")
    if(NOT CMAKE_INSTALL_PREFIX MATCHES "^/usr(/local)?$")
        set(DESTINATION "${DATADIR}/p11-kit/modules")
        message(STATUS "p11-kit reads /etc/pkcs11/modules and ~/.config/pkcs11/modules: to have it "
            "find this module, link ${CMAKE_INSTALL_PREFIX}/${DESTINATION}/${NAME} there")
    endif()
endif()
foreach(folder BINDIR LIBDIR LIBEXECDIR INCLUDEDIR)
    cmake_path(ABSOLUTE_PATH ${folder} BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE
        OUTPUT_VARIABLE FULL_${folder})
endforeach()
cmake_path(ABSOLUTE_PATH DESTINATION BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}" NORMALIZE)
set(PREFIX "${CMAKE_INSTALL_PREFIX}")
# p11-kit finds a module in its own folder by its name, any other by its path
set(MODULE_NAME "sideseat-pkcs11${MODULE_SUFFIX}")
if(NOT "${FULL_LIBDIR}/pkcs11" STREQUAL "${P11KIT_MODULES}")
    set(MODULE_NAME "${FULL_LIBDIR}/pkcs11/sideseat-pkcs11${MODULE_SUFFIX}")
endif()
configure_file("${TEMPLATE}" "${SCRATCH}/${NAME}" @ONLY)
file(INSTALL DESTINATION "${DESTINATION}" TYPE FILE FILES "${SCRATCH}/${NAME}")
# of root after `sudo cmake --install`: the next one may be by an ordinary user
file(REMOVE_RECURSE "${SCRATCH}")
