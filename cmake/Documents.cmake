# SPDX-License-Identifier: Apache-2.0
# The header, the pages as they lie in the source, so that their links work, and two targets.

house_place(cmake/sideseat-pkcs11.pc.in ${CMAKE_INSTALL_LIBDIR}/pkgconfig sideseat-pkcs11.pc)
house_place(conf/systemd/sideseat-signer@.service.in lib/systemd/system sideseat-signer@.service)
install(FILES conf/systemd/sideseat-signer.socket DESTINATION lib/systemd/system)
install(FILES include/sideseat-pkcs11.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE README.md SECURITY.md CONTRIBUTING.md packages.txt
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
house_place(conf/sideseat-store.apparmor.in ${CMAKE_INSTALL_DOCDIR}/examples sideseat-store.apparmor)
install(DIRECTORY conf/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")

# root's list of an earlier installation cannot be written by an ordinary user, but it can be removed
install(CODE "file(REMOVE [==[${PROJECT_BINARY_DIR}/install_manifest.txt]==])")
add_custom_target(uninstall
    COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/Uninstall.cmake
    COMMENT "" VERBATIM)
add_custom_target(dist
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/dist.sh ${PROJECT_SOURCE_DIR} ${PROJECT_NAME}-${PROJECT_VERSION}
            ${PROJECT_BINARY_DIR}/${PROJECT_NAME}-${PROJECT_VERSION}.tar.gz
    COMMENT "" VERBATIM)

# cpack -G RPM (or TGZ) in the build folder; Debian's packages come from debian/
set(CPACK_PACKAGE_VENDOR SideSeat)
set(CPACK_PACKAGE_CONTACT packages@sideseat.com)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR TGZ RPM)
set(CPACK_STRIP_FILES ON)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Libraries")
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
foreach(folder lib/systemd lib/systemd/system lib/systemd/user share/p11-kit share/p11-kit/modules
        share/fish share/fish/vendor_completions.d share/bash-completion
        share/bash-completion/completions share/zsh share/zsh/site-functions)
    list(APPEND CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/${folder})
endforeach()
include(CPack)
