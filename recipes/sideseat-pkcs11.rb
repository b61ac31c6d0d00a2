# SPDX-License-Identifier: Apache-2.0
# A formula for Homebrew, on Linux and macOS. There is no published archive yet: pack one with
# `cmake --build build/release --target dist`, and copy it and this file into the folder Formula of a
# tap (`brew tap-new`).
class SideseatPkcs11 < Formula
  desc "PKCS#11 module for an application's secrets, wherever they are stored"
  homepage "https://sideseat.com"
  url "file://#{__dir__}/sideseat-pkcs11-1.0.0.tar.gz"
  license "Apache-2.0"

  depends_on "cmake" => :build
  depends_on "pkgconf" => :build
  depends_on "uthash" => :build
  depends_on "jansson"
  depends_on "openssl@3"
  depends_on "p11-kit"
  depends_on "yajl"

  uses_from_macos "curl"
  uses_from_macos "expat"

  on_linux do
    depends_on "keyutils"
    depends_on "libsecret"
  end

  def install
    system "cmake", "-S", ".", "-B", "build", "-DBUILD_TESTING=OFF",
           "-DSIDESEAT_P11KIT_FOLDER=#{share}/p11-kit/modules", *std_cmake_args
    system "cmake", "--build", "build"
    system "cmake", "--install", "build"
  end

  test do
    ENV["SIDESEAT_DATA_DIR"] = testpath
    ENV["SIDESEAT_SECRETS_BACKEND"] = "file"
    pipe_output("#{bin}/sideseat-secrets set global/brew_test", "sk-live-123", 0)
    system bin/"sideseat-secrets", "ensure"
    assert_match(/^\h{64}$/, pipe_output("#{bin}/sideseat-secrets sign global/jwt_signing_key", "hello", 0))
    assert_equal "sk-live-123", shell_output("#{bin}/sideseat-secrets get global/brew_test")
  end
end
