// The schema of the database, as the steps that lead to it.
#pragma once

#include <string>
#include <vector>

namespace mailscope::store {

/// Step i takes a database from version i to version i + 1; the version is PRAGMA user_version.
/// Published steps never change: a new version of the schema is a new step.
extern const std::vector<std::string> kMigrations;

/// PRAGMA application_id: "Mscp", so that file(1) and we know the file for what it is.
inline constexpr int kApplicationId = 0x4D736370;

/// Key of the last UIDVALIDITY that was given out (see KeyValues).
inline constexpr const char* kUidValidityKey = "store.uid_validity";

}  // namespace mailscope::store
