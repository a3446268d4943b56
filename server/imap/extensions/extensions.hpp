// What the tables name that lives in a file of its own, an extension a file.
#pragma once

#include "server/imap/fetch_writer.hpp"

namespace mailscope::imap {

// binary.cpp (RFC 3516)
bool parse_binary(Cursor& cursor, FetchItem& item);
bool parse_binary_size(Cursor& cursor, FetchItem& item);
void write_binary(ResponseWriter& out, const FetchItem& item, FetchedMessage& message);
/// What a part of `message` is without its encoding, in `scratch` where that must be undone;
/// nullopt: its encoding is none that we know.
std::optional<std::string_view> without_encoding(const mail::Part& part, std::string_view message,
                                                 std::string& scratch);
void write_binary_size(ResponseWriter& out, const FetchItem& item, FetchedMessage& message);

// objectid.cpp (RFC 8474)
std::string mailbox_object_id(store::MailboxId id);
std::string email_object_id(store::EmailId id);
/// Of the thread that the message belongs to by its own words.
std::string thread_object_id(MessageView& message, store::EmailId email);
void write_email_id(ResponseWriter& out, const FetchItem& item, FetchedMessage& message);
void write_thread_id(ResponseWriter& out, const FetchItem& item, FetchedMessage& message);

// savedate.cpp (RFC 8514)
void write_save_date(ResponseWriter& out, const FetchItem& item, FetchedMessage& message);

// preview.cpp (RFC 8970)
bool parse_preview(Cursor& cursor, FetchItem& item);
void write_preview(ResponseWriter& out, const FetchItem& item, FetchedMessage& message);

}  // namespace mailscope::imap
