// Files reach the cache by a rename, once their digest is right.
#include "atlas/zoo/cache.h"

#include <algorithm>
#include <cstdlib>

#include "atlas/base/contained_path.h"
#include "atlas/base/error.h"
#include "atlas/base/sha256.h"
#include "atlas/zoo/registry.h"

namespace atlas {
namespace {

namespace fs = std::filesystem;

fs::path default_root() {
  if (const char* chosen = std::getenv("ATLAS_ZOO")) return chosen;
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return fs::path(cache) / "atlas" / "zoo";
  if (const char* home = std::getenv("HOME")) return fs::path(home) / ".cache" / "atlas" / "zoo";
  fail(ErrorCode::InvalidArgument, "zoo: neither ATLAS_ZOO nor HOME says where to keep models");
}

class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& parent) {
    std::string path = parent / "fetching-XXXXXX";
    if (mkdtemp(path.data()) == nullptr)
      fail(ErrorCode::Io, "{}: cannot make a folder in it", parent.string());
    path_ = path;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string origin(const ZooManifest& manifest) {
  return fmt::format("{} {} {}", name(manifest.registry), manifest.package, manifest.version);
}

bool is_whole(const ZooFile& file, const fs::path& path) {
  std::error_code error;
  return fs::file_size(path, error) == file.size_bytes && !error;
}

void check(const ZooManifest& manifest, const ZooFile& file, const fs::path& path) {
  const std::string where = fmt::format("zoo: {} of {}", file.path, origin(manifest));
  const std::uint64_t size_bytes = fs::file_size(path);
  require(size_bytes == file.size_bytes, "{}: expected {} bytes, got {}", where, file.size_bytes, size_bytes);
  const std::string sha256 = sha256_of_file(path);
  require(sha256 == file.sha256, "{}: expected SHA-256 {}, got {}", where, file.sha256, sha256);
}

}  // namespace

ZooCache::ZooCache(fs::path root) : root_(fs::absolute(root.empty() ? default_root() : std::move(root))) {}

fs::path ZooCache::place(const ZooManifest& manifest, const ZooFile& file) const {
  return root_ / manifest.name / manifest.version / file.path;
}

std::vector<ZooFile> ZooCache::missing(const ZooManifest& manifest) const {
  std::vector<ZooFile> files;
  for (const ZooFile& file : manifest.files)
    if (!is_whole(file, place(manifest, file))) files.push_back(file);
  return files;
}

fs::path ZooCache::find(const std::string& name, std::string_view path) const {
  const ZooManifest manifest = read_zoo_manifest_named(name);
  const auto file = std::find_if(manifest.files.begin(), manifest.files.end(),
                                 [&](const ZooFile& candidate) { return candidate.path == path; });
  if (file == manifest.files.end()) fail(ErrorCode::NotFound, "zoo: {} has no file {}", name, path);
  const fs::path target = place(manifest, *file);
  if (!is_whole(*file, target))
    fail(ErrorCode::NotFound, "{}: not fetched yet (atlas zoo fetch {})", target.string(), name);
  return target;
}

void ZooCache::fetch(const ZooManifest& manifest) const {
  std::vector<ZooFile> wanted;
  for (const ZooFile& file : manifest.files) {
    const fs::path target = place(manifest, file);
    if (!is_whole(file, target) || sha256_of_file(target) != file.sha256) wanted.push_back(file);
  }
  if (wanted.empty()) return;
  std::error_code error;
  fs::create_directories(root_, error);
  if (error) fail(ErrorCode::Io, "{}: {}", root_.string(), error.message());
  const TemporaryFolder folder(root_);
  fs::path unpacked;
  try {
    unpacked = fetch_package(manifest, folder.path());
  } catch (const Error& reason) {
    std::string names;
    for (const ZooFile& file : wanted) names += (names.empty() ? "" : ", ") + file.path;
    fail(reason.code(), "zoo: {} is missing ({}) and {} cannot be fetched: {}", manifest.name, names,
         origin(manifest), reason.what());
  }
  for (const ZooFile& file : wanted) {
    const fs::path source = contained_path(unpacked, file.path);
    check(manifest, file, source);
    const fs::path target = place(manifest, file);
    fs::create_directories(target.parent_path());
    fs::rename(source, target);
  }
}

}  // namespace atlas
