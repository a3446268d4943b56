// How flags are written in mbox files, for the writer and the reader.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "server/store/mail_store.hpp"

namespace mailscope::exporting {

/// Letters of X-Status; R (read) is in Status.
inline constexpr std::array<std::pair<store::Flag, char>, 4> kStatusLetters = {
    {{store::kAnswered, 'A'},
     {store::kFlagged, 'F'},
     {store::kDraft, 'T'},
     {store::kDeleted, 'D'}}};

/// Stands before the flag fields of a message whose line ends are not those of mail.
inline constexpr std::string_view kRawLine = "X-Mailscope-Lines: raw\n";

inline constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed",
                                                          "Thu", "Fri", "Sat"};
inline constexpr std::array<std::string_view, 12> kMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

}  // namespace mailscope::exporting
