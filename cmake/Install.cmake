# SPDX-License-Identifier: Apache-2.0
# Installs the files that do not belong to one folder; programs, manual pages and configuration are
# installed by the folders that make them.

configure_file(cmake/sideseat-pkcs11.pc.in sideseat-pkcs11.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sideseat-pkcs11.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES include/sideseat-pkcs11.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE README.md SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
configure_file(conf/systemd/sideseat-signer@.service.in sideseat-signer@.service @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sideseat-signer@.service
    conf/systemd/sideseat-signer.socket DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
