# SPDX-License-Identifier: Apache-2.0
# homebrew.rb FORMULA PREFIX: what a formula says, as JSON, and the commands of its `install` for that
# prefix. Stands in for the parts of Homebrew that our formula uses; any other is an error.
require "json"
require "pathname"

class Formula
  FACTS = { "depends" => [] }

  %w[desc homepage url license].each do |name|
    define_singleton_method(name) { |value| FACTS[name] = value }
  end

  def self.depends_on(what)
    FACTS["depends"] << (what.is_a?(Hash) ? what.first.map(&:to_s) : [what.to_s])
  end

  # on Linux, where this runs
  def self.uses_from_macos(what) = depends_on(what)
  def self.on_linux = yield

  def self.test(&block)
    FACTS["tested"] = !block.nil?
  end

  def self.inherited(formula)
    FACTS["class"] = formula.name
    super
  end

  def bin = Pathname.new(ARGV[1]) / "bin"
  def share = Pathname.new(ARGV[1]) / "share"

  def std_cmake_args
    ["-DCMAKE_INSTALL_PREFIX=#{ARGV[1]}", "-DCMAKE_INSTALL_LIBDIR=lib", "-DCMAKE_BUILD_TYPE=Release"]
  end

  def system(*words)
    (FACTS["install"] ||= []) << words.map(&:to_s)
  end
end

load ARGV[0]
Object.const_get(Formula::FACTS["class"]).new.install
puts JSON.generate(Formula::FACTS)
