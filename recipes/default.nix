# SPDX-License-Identifier: Apache-2.0
# nix-build recipes: the module, its store programs and sideseat-secrets.
{ pkgs ? import <nixpkgs> { } }:
pkgs.stdenv.mkDerivation {
  pname = "sideseat-pkcs11";
  version = "1.0.0";
  src = pkgs.lib.cleanSource ../.;
  nativeBuildInputs = [ pkgs.cmake pkgs.ninja pkgs.pkg-config ];
  buildInputs = [
    pkgs.curl
    pkgs.expat
    pkgs.jansson
    pkgs.keyutils
    pkgs.libsecret
    pkgs.openssl
    pkgs.p11-kit
    pkgs.uthash
    pkgs.yajl
  ];
  # p11-kit's own folder belongs to the package p11-kit
  cmakeFlags = [
    "-DBUILD_TESTING=OFF"
    "-DSIDESEAT_P11KIT_FOLDER=share/p11-kit/modules"
  ];
  # the module loads libcrypto only for tokens that need it, so it does not name it as a library
  postFixup = ''
    patchelf --add-rpath ${pkgs.lib.getLib pkgs.openssl}/lib $out/lib/pkcs11/sideseat-pkcs11.so
  '';
  meta = {
    description = "A PKCS#11 module for an application's secrets, wherever they are stored";
    homepage = "https://sideseat.com";
    license = pkgs.lib.licenses.asl20;
    mainProgram = "sideseat-secrets";
    platforms = pkgs.lib.platforms.linux;
  };
}
