# The Debian packages: certsweep, and certsweep-sensor (CERTSWEEP_POSTGRESQL=OFF), which sweeps and listens into
# bundles on machines without a database. Presets package and package-sensor; ./bootstrap package builds both.
set(packaging ${CMAKE_CURRENT_SOURCE_DIR}/scanner/cli/packaging)

configure_file(${packaging}/certsweep.service.in packaging/certsweep.service @ONLY)
set(CPACK_PACKAGE_NAME certsweep)
if(NOT CERTSWEEP_POSTGRESQL)
    set(CPACK_PACKAGE_NAME certsweep-sensor)
endif()
set(documents ${CMAKE_INSTALL_DATAROOTDIR}/doc/${CPACK_PACKAGE_NAME})

install(FILES ${CMAKE_CURRENT_BINARY_DIR}/packaging/certsweep.service ${packaging}/certsweep.timer
        DESTINATION lib/systemd/system)
install(PROGRAMS ${packaging}/run-plans DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/certsweep)
install(FILES ${packaging}/certsweep.conf.example ${packaging}/night.plan.example DESTINATION ${documents}/examples)
install(FILES README.md CHANGELOG.md DESTINATION ${documents})
install(FILES LICENSE DESTINATION ${documents} RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_PACKAGE_CONTACT "certsweep maintainers <certsweep@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "find every certificate on a network and tell who manages it")
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "passwd, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${packaging}/postinst ${packaging}/prerm ${packaging}/postrm)
if(CERTSWEEP_POSTGRESQL)
    string(APPEND CPACK_DEBIAN_PACKAGE_DEPENDS ", libpq5")     # loaded by inventory/store/libpq.c, so not seen by shlibdeps
    # Not a dependency: with --db the database may be anywhere.
    set(CPACK_DEBIAN_PACKAGE_RECOMMENDS postgresql)
    set(CPACK_DEBIAN_PACKAGE_CONFLICTS certsweep-sensor)
    set(CPACK_DEBIAN_PACKAGE_REPLACES certsweep-sensor)
    set(CPACK_PACKAGE_DESCRIPTION "certsweep sweeps address ranges with TLS handshakes, listens to traffic, keeps the certificates it saw in PostgreSQL\nand reconciles them against those the organisation knows: which are unmanaged, whose they are, which expire soon, which are weak.")
else()
    set(CPACK_DEBIAN_PACKAGE_CONFLICTS certsweep)
    set(CPACK_DEBIAN_PACKAGE_REPLACES certsweep)
    set(CPACK_PACKAGE_DESCRIPTION "The sensor of certsweep: sweeps and listens into bundles, which are carried\nto a certsweep with its database. It needs no PostgreSQL.")
endif()
include(CPack)
