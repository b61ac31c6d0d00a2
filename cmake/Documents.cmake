# SPDX-License-Identifier: Apache-2.0
# The header, the pages as they lie in the source, so that their links work, and two targets.

house_place(cmake/sideseat-pkcs11.pc.in ${CMAKE_INSTALL_LIBDIR}/pkgconfig sideseat-pkcs11.pc)
house_place(conf/systemd/sideseat-signer@.service.in lib/systemd/system sideseat-signer@.service)
install(FILES conf/systemd/sideseat-signer.socket DESTINATION lib/systemd/system)
install(FILES include/sideseat-pkcs11.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE README.md SECURITY.md CONTRIBUTING.md packages.txt
    DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY conf/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")

add_custom_target(uninstall
    COMMAND ${CMAKE_COMMAND} -DBUILD=${PROJECT_BINARY_DIR} -P ${PROJECT_SOURCE_DIR}/cmake/Uninstall.cmake
    COMMENT "" VERBATIM)
add_custom_target(dist
    COMMAND ${PROJECT_SOURCE_DIR}/cmake/dist.sh ${PROJECT_SOURCE_DIR} ${PROJECT_NAME}-${PROJECT_VERSION}
            ${PROJECT_BINARY_DIR}/${PROJECT_NAME}-${PROJECT_VERSION}.tar.gz
    COMMENT "" VERBATIM)
