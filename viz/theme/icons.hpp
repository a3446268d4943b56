// Code points of Material Icons, as UTF-8, in one table.
#pragma once

namespace mailscope::viz::icon {

inline constexpr const char* kMail = "\ue158";
inline constexpr const char* kMailOutline = "\ue0e1";
inline constexpr const char* kSearch = "\ue8b6";
inline constexpr const char* kDark = "\ue51c";
inline constexpr const char* kLight = "\ue518";
inline constexpr const char* kFullscreen = "\ue5d0";
inline constexpr const char* kLock = "\ue897";
inline constexpr const char* kResolver = "\ue875";
inline constexpr const char* kServer = "\ue1db";
inline constexpr const char* kLaptop = "\ue31e";
inline constexpr const char* kMailbox = "\ue156";
inline constexpr const char* kWaiting = "\uea5c";
inline constexpr const char* kNext = "\ue044";
inline constexpr const char* kPrevious = "\ue045";
inline constexpr const char* kFirst = "\ue5dc";
inline constexpr const char* kLast = "\ue5dd";
inline constexpr const char* kPlay = "\ue037";
inline constexpr const char* kPause = "\ue034";
inline constexpr const char* kCheck = "\ue5ca";
inline constexpr const char* kCross = "\ue5cd";
inline constexpr const char* kHelp = "\ue8fd";
inline constexpr const char* kPeople = "\uf233";
inline constexpr const char* kPerson = "\ue7fd";
inline constexpr const char* kWarning = "\ue002";
inline constexpr const char* kKey = "\ue0da";
inline constexpr const char* kVerified = "\ue8e8";
inline constexpr const char* kCauses = "\ue97a";
inline constexpr const char* kOff = "\ue2c1";
inline constexpr const char* kMore = "\ue5d3";

}  // namespace mailscope::viz::icon
