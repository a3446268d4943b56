// Puts a client command together, with its literals.
#include "server/imap/client_command.hpp"

#include "server/imap/response_writer.hpp"
#include "server/imap/utf7.hpp"

namespace mailscope::imap {

CommandText& CommandText::text(std::string_view raw) {
  (parts_.back().text += ' ') += raw;
  return *this;
}

CommandText& CommandText::astring(std::string_view value) {
  if (const std::string short_form = atom_or_quoted(value); !short_form.empty())
    return text(short_form);
  parts_.back().text += ' ';
  parts_.back().literal = value.size();
  parts_.push_back({std::string(value), {}});
  return *this;
}

CommandText& CommandText::mailbox(std::string_view utf8) {
  return astring(utf7_encode(utf8));
}

CommandText& CommandText::message(store::Body octets, bool unasked) {
  parts_.back().text += ' ';
  parts_.back().literal = octets->size();
  parts_.back().unasked = unasked;
  Part part;
  part.body = std::move(octets);
  parts_.push_back(std::move(part));
  return *this;
}

CommandText& CommandText::on_request(std::string_view line) {
  parts_.push_back({std::string(line), {}});
  return *this;
}

}  // namespace mailscope::imap
