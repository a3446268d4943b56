// The table of translations.
#include "server/imap/language.hpp"

#include <algorithm>

#include "server/imap/unicode.hpp"

namespace mailscope::imap {
namespace {

constexpr LanguageInfo kLanguages[] = {
    {"EN", Language::english, "Speaking English from here on", "Other users"},
    {"DE", Language::german, "Ab jetzt auf Deutsch", "Andere Benutzer"},
    {"i-default", Language::standard, "Speaking the default language", "Other users"},
};

struct Translation {
  std::string_view text;
  std::string_view german;
};
// Texts that begin so; what follows stays, because it names what the client has sent.
constexpr Translation kBeginnings[] = {
    {"Syntax error: ", "Syntaxfehler: "},
    {"Missing right on the mailbox: ", "Fehlendes Recht auf das Postfach: "},
};
constexpr Translation kTexts[] = {
    {"Access control list changed", "Zugriffsliste geändert"},
    {"Access control list shown", "Zugriffsliste angezeigt"},
    {"Already logged in", "Bereits angemeldet"},
    {"Annotations set", "Anmerkungen gesetzt"},
    {"Annotations shown", "Anmerkungen angezeigt"},
    {"Appended", "Angefügt"},
    {"Authentication cancelled", "Anmeldung abgebrochen"},
    {"Begin TLS negotiation now", "TLS kann beginnen"},
    {"Capabilities listed", "Fähigkeiten aufgezählt"},
    {"Closed", "Geschlossen"},
    {"Copied", "Kopiert"},
    {"Created", "Angelegt"},
    {"Deleted", "Gelöscht"},
    {"Done", "Erledigt"},
    {"Enabled", "Eingeschaltet"},
    {"Examined, nothing can be changed", "Nur zum Lesen geöffnet"},
    {"Expunged", "Endgültig gelöscht"},
    {"Fetched", "Abgerufen"},
    {"Good bye", "Auf Wiedersehen"},
    {"ID noted", "Zur Kenntnis genommen"},
    {"Idle over", "Warten beendet"},
    {"INBOX cannot be deleted", "INBOX kann nicht gelöscht werden"},
    {"Listed", "Aufgezählt"},
    {"Log in first", "Zuerst anmelden"},
    {"Logged in", "Angemeldet"},
    {"Logging out", "Abmeldung"},
    {"Moved", "Verschoben"},
    {"Namespaces listed", "Namensräume aufgezählt"},
    {"No such mailbox", "Kein solches Postfach"},
    {"No such mailbox: create it first", "Kein solches Postfach: zuerst anlegen"},
    {"Nothing to do", "Nichts zu tun"},
    {"Quota set", "Speichergrenze gesetzt"},
    {"Quota shown", "Speichergrenze angezeigt"},
    {"Renamed", "Umbenannt"},
    {"Rights listed", "Rechte aufgezählt"},
    {"Rights shown", "Rechte angezeigt"},
    {"Searched", "Gesucht"},
    {"Select a mailbox first", "Zuerst ein Postfach öffnen"},
    {"Selected", "Geöffnet"},
    {"Some of the messages are gone", "Einige der Nachrichten sind nicht mehr da"},
    {"Sorted", "Sortiert"},
    {"Status", "Zustand"},
    {"Stored", "Gespeichert"},
    {"Subscribed", "Abonniert"},
    {"Supported languages listed", "Sprachen aufgezählt"},
    {"The mailbox was opened with EXAMINE", "Das Postfach ist nur zum Lesen geöffnet"},
    {"These messages are gone", "Diese Nachrichten sind nicht mehr da"},
    {"This language is not supported", "Diese Sprache wird nicht unterstützt"},
    {"Threaded", "Zu Fäden geordnet"},
    {"Unknown command", "Unbekannter Befehl"},
    {"Unselected", "Geschlossen"},
    {"Unsubscribed", "Abbestellt"},
    {"Wrong user name or password", "Falscher Name oder falsches Passwort"},
    {"You will be notified", "Sie werden benachrichtigt"},
    {"You will not be notified", "Sie werden nicht benachrichtigt"},
    // What the store says.
    {"already exists", "gibt es bereits"},
    {"no such mailbox", "kein solches Postfach"},
    {"over quota", "kein Platz mehr"},
};

}  // namespace

std::span<const LanguageInfo> languages() {
  return kLanguages;
}

const LanguageInfo& info(Language language) {
  return *std::find_if(
      std::begin(kLanguages), std::end(kLanguages),
      [language](const LanguageInfo& known) { return known.language == language; });
}

const LanguageInfo* find_language(std::string_view range) {
  if (equal_ci(range, "default")) return &info(Language::standard);
  while (!range.empty()) {
    for (const LanguageInfo& known : kLanguages) {
      if (equal_ci(known.tag, range)) return &known;
    }
    const std::size_t dash = range.rfind('-');
    range = range.substr(0, dash == std::string_view::npos ? 0 : dash);
  }
  return nullptr;
}

std::string translated(Language language, std::string_view text) {
  if (language != Language::german) return std::string(text);
  for (const Translation& known : kTexts) {
    if (known.text == text) return std::string(known.german);
  }
  for (const Translation& known : kBeginnings) {
    if (text.starts_with(known.text))
      return std::string(known.german).append(text.substr(known.text.size()));
  }
  return std::string(text);
}

}  // namespace mailscope::imap
