// The words of HTML, for searching and for previews: no tags, comments, styles and scripts;
// entities as characters; white space as a reader sees it.
//
//   <p>Caf&eacute;<br>at <b>n</b>oon</p>   ->   "Café\nat noon"
#pragma once

#include <string>
#include <string_view>

namespace mailscope::mail {

/// `html` is UTF-8, sound or not: any octets give some text.
std::string html_text(std::string_view html);

}  // namespace mailscope::mail
