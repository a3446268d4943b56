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
// Texts around something that names what the client has sent, or a number.
struct Frame {
  std::string_view before, after;
  std::string_view german_before, german_after;
};
constexpr Frame kFrames[] = {
    {"Syntax error: ", "", "Syntaxfehler: ", ""},
    {"Missing right on the mailbox: ", "", "Fehlendes Recht auf das Postfach: ", ""},
    {"A message may have at most ", " octets", "Eine Nachricht darf höchstens ", " Oktette haben"},
    {"At most ", " mailboxes at a time", "Höchstens ", " Postfächer auf einmal"},
    {"Message numbers are not in use: say UID ", "", "Nummern gelten nicht: UID ", ""},
    {"There are only ", " messages", "Es gibt nur ", " Nachrichten"},
};
constexpr Translation kTexts[] = {
    {"A mailbox cannot become somebody else's", "Ein Postfach kann nicht den Besitzer wechseln"},
    {"A message cannot be empty", "Eine Nachricht kann nicht leer sein"},
    {"A URL leads to nothing here", "Eine URL führt hier zu nichts"},
    {"Access control list changed", "Zugriffsliste geändert"},
    {"Access control list shown", "Zugriffsliste angezeigt"},
    {"Already logged in", "Bereits angemeldet"},
    {"Annotations set", "Anmerkungen gesetzt"},
    {"Annotations shown", "Anmerkungen angezeigt"},
    {"Appended", "Angefügt"},
    {"Authentication cancelled", "Anmeldung abgebrochen"},
    {"Autologout: nothing was heard for too long", "Abgemeldet: zu lange nichts gehört"},
    {"Begin TLS negotiation now", "TLS kann beginnen"},
    {"Capabilities listed", "Fähigkeiten aufgezählt"},
    {"Checked", "Geprüft"},
    {"Closed", "Geschlossen"},
    {"Compression is on", "Kompression eingeschaltet"},
    {"Compression is on already", "Kompression ist schon eingeschaltet"},
    {"Conditional STORE failed for some", "Einige waren inzwischen verändert"},
    {"Copied", "Kopiert"},
    {"Created", "Angelegt"},
    {"DEFLATE is all that there is", "Es gibt nur DEFLATE"},
    {"Deleted", "Gelöscht"},
    {"Done", "Erledigt"},
    {"ENABLE QRESYNC comes before VANISHED", "Vor VANISHED kommt ENABLE QRESYNC"},
    {"ENABLE QRESYNC comes first", "Zuerst kommt ENABLE QRESYNC"},
    {"ENABLE UTF8=ACCEPT comes before 8-bit characters in a header",
     "Vor Zeichen mit 8 Bit im Kopf kommt ENABLE UTF8=ACCEPT"},
    {"Enabled", "Eingeschaltet"},
    {"Examined, nothing can be changed", "Nur zum Lesen geöffnet"},
    {"Expunged", "Endgültig gelöscht"},
    {"Fetched", "Abgerufen"},
    {"Good bye", "Auf Wiedersehen"},
    {"ID noted", "Zur Kenntnis genommen"},
    {"Identifiers are names of users, \"anyone\", or these behind a \"-\"",
     "Es geht um Namen von Benutzern, \"anyone\" oder beides mit \"-\" davor"},
    {"Idle over", "Warten beendet"},
    {"INBOX cannot be deleted", "INBOX kann nicht gelöscht werden"},
    {"Line too long", "Zeile zu lang"},
    {"Listed", "Aufgezählt"},
    {"Literal too long", "Literal zu lang"},
    {"Log in first", "Zuerst anmelden"},
    {"Logged in", "Angemeldet"},
    {"Logging out", "Abmeldung"},
    {"Message numbers are not in use", "Nummern von Nachrichten gelten nicht"},
    {"Moved", "Verschoben"},
    {"Namespaces listed", "Namensräume aufgezählt"},
    {"No CHARSET once UTF8=ACCEPT is enabled", "Kein CHARSET nach ENABLE UTF8=ACCEPT"},
    {"No further updates", "Keine weiteren Meldungen"},
    {"No right to change flags", "Kein Recht, Markierungen zu ändern"},
    {"No right to change these flags", "Kein Recht, diese Markierungen zu ändern"},
    {"No right to the annotations of the mailbox", "Kein Recht auf die Anmerkungen des Postfachs"},
    {"No such mailbox", "Kein solches Postfach"},
    {"No such mailbox: create it first", "Kein solches Postfach: zuerst anlegen"},
    {"No such mechanism", "Kein solches Verfahren"},
    {"No such message", "Keine solche Nachricht"},
    {"No such quota root", "Keine solche Speichergrenze"},
    {"No such search is kept up to date", "Keine solche Suche wird weiterverfolgt"},
    {"Nobody is logged in now", "Niemand ist mehr angemeldet"},
    {"Nobody may act for somebody else", "Niemand darf für jemand anderen handeln"},
    {"Not base64", "Kein Base64"},
    {"Not without TLS: anybody on the way could read the password",
     "Nicht ohne TLS: unterwegs könnte jeder das Passwort lesen"},
    {"Nothing to do", "Nichts zu tun"},
    {"One message takes the place of one", "Eine Nachricht ersetzt genau eine"},
    {"Only administrators annotate the server for everybody",
     "Nur Verwalter setzen Anmerkungen für alle"},
    {"Only administrators set quotas", "Nur Verwalter setzen Speichergrenzen"},
    {"Only DONE ends IDLE", "Nur DONE beendet IDLE"},
    {"Only its owner may make a mailbox there", "Nur der Besitzer darf dort Postfächer anlegen"},
    {"PARTIAL goes with UID FETCH", "PARTIAL gehört zu UID FETCH"},
    {"Quota set", "Speichergrenze gesetzt"},
    {"Quota shown", "Speichergrenze angezeigt"},
    {"Renamed", "Umbenannt"},
    {"Replaced", "Ersetzt"},
    {"Rights listed", "Rechte aufgezählt"},
    {"Rights shown", "Rechte angezeigt"},
    {"SAVE goes with a search of the selected mailbox alone",
     "SAVE gehört zur Suche im geöffneten Postfach allein"},
    {"Search strings may be in UTF-8 or US-ASCII", "Gesucht wird in UTF-8 oder US-ASCII"},
    {"Searched", "Gesucht"},
    {"Select a mailbox first", "Zuerst ein Postfach öffnen"},
    {"Selected", "Geöffnet"},
    {"Some events are not known here", "Einige Ereignisse sind hier nicht bekannt"},
    {"Some of the messages are gone", "Einige der Nachrichten sind nicht mehr da"},
    {"Sorted", "Sortiert"},
    {"Special uses are for one's own mailboxes", "Besondere Zwecke sind für eigene Postfächer"},
    {"Status", "Zustand"},
    {"Stored", "Gespeichert"},
    {"Subscribed", "Abonniert"},
    {"Supported languages listed", "Sprachen aufgezählt"},
    {"Tag reuse", "Die Kennung ist schon vergeben"},
    {"That entry cannot be changed", "Dieser Eintrag ist nicht veränderbar"},
    {"That is how texts are compared", "So werden Texte verglichen"},
    {"The compressed data is broken or out of all proportion",
     "Die komprimierten Daten sind kaputt oder maßlos"},
    {"The encoding of a part is not known", "Die Kodierung eines Teils ist nicht bekannt"},
    {"The initial response is not base64", "Die erste Antwort ist kein Base64"},
    {"The mailbox was opened with EXAMINE", "Das Postfach ist nur zum Lesen geöffnet"},
    {"The message would be too long", "Die Nachricht würde zu lang"},
    {"The only mechanism is INTERNAL", "Das einzige Verfahren ist INTERNAL"},
    {"The response does not fit the mechanism", "Die Antwort passt nicht zum Verfahren"},
    {"The selected mailbox was deleted", "Das geöffnete Postfach wurde gelöscht"},
    {"The URL does not end in ;URLAUTH= and who may use it",
     "Die URL endet nicht mit ;URLAUTH= und dem, der sie verwenden darf"},
    {"The URL does not say whose mailbox it speaks of",
     "Die URL sagt nicht, wessen Postfach gemeint ist"},
    {"The URL has its token already", "Die URL ist schon freigegeben"},
    {"The URL is no imap:// URL of a message or a part of one",
     "Keine URL imap:// einer Nachricht oder eines Teils"},
    {"The URL leads to nothing that you may read", "Die URL führt zu nichts, was Sie lesen dürfen"},
    {"The URL speaks of another server", "Die URL meint einen anderen Server"},
    {"The URL speaks of somebody else's mailboxes", "Die URL meint fremde Postfächer"},
    {"The value is too long", "Der Wert ist zu lang"},
    {"There are annotations of the server only", "Es gibt nur Anmerkungen des Servers"},
    {"There are no keys for URLs here", "Es gibt hier keine Schlüssel für URLs"},
    {"The least number of messages is 1", "Die kleinste Anzahl von Nachrichten ist 1"},
    {"There are quotas of STORAGE and MESSAGE only", "Es gibt nur Grenzen für STORAGE und MESSAGE"},
    {"There are too many annotations", "Zu viele Anmerkungen"},
    {"There is no such comparator", "Kein solcher Vergleich"},
    {"These events and mailboxes do not go together",
     "Diese Ereignisse und Postfächer passen nicht zusammen"},
    {"These messages are gone", "Diese Nachrichten sind nicht mehr da"},
    {"This language is not supported", "Diese Sprache wird nicht unterstützt"},
    {"This special use is not supported", "Dieser besondere Zweck wird nicht unterstützt"},
    {"Threaded", "Zu Fäden geordnet"},
    {"TLS is active already", "TLS ist schon aktiv"},
    {"TLS is not available", "TLS gibt es hier nicht"},
    {"Too many bad commands", "Zu viele falsche Befehle"},
    {"Too many failed logins", "Zu viele Anmeldungen sind misslungen"},
    {"Too many mailboxes to watch", "Zu viele Postfächer zu beobachten"},
    {"Too much input behind a command in progress", "Zu viele Daten hinter einem laufenden Befehl"},
    {"Unknown command", "Unbekannter Befehl"},
    {"Unselected", "Geschlossen"},
    {"Unsubscribed", "Abbestellt"},
    {"UPDATE goes with a selected mailbox", "UPDATE braucht ein geöffnetes Postfach"},
    {"Too many keywords, or one that is too long", "Zu viele Schlagwörter, oder ein zu langes"},
    {"URLs authorized", "URLs freigegeben"},
    {"URLs fetched", "URLs abgerufen"},
    {"URLs of before no longer hold", "Frühere URLs gelten nicht mehr"},
    {"VANISHED goes with UID FETCH and CHANGEDSINCE",
     "VANISHED gehört zu UID FETCH und CHANGEDSINCE"},
    {"Wrong user name or password", "Falscher Name oder falsches Passwort"},
    {"You will be notified", "Sie werden benachrichtigt"},
    {"You will not be notified", "Sie werden nicht benachrichtigt"},
    // What the store says.
    {"a mailbox of that name exists already", "ein Postfach dieses Namens gibt es schon"},
    {"no such account", "kein solches Konto"},
    {"no such mailbox", "kein solches Postfach"},
    {"no such message", "keine solche Nachricht"},
    {"not a valid mailbox name", "kein gültiger Name eines Postfachs"},
    {"not permitted", "nicht erlaubt"},
    {"the account's quota is used up", "der Platz des Kontos ist aufgebraucht"},
    {"the mailbox has mailboxes below it", "unter dem Postfach liegen weitere"},
    {"there are too many already", "es gibt schon zu viele"},
    {"too large", "zu groß"},
    // With their response codes.
    {"[TOOBIG] Non-synchronizing literals are smaller here",
     "[TOOBIG] Literale ohne Abstimmung sind hier kleiner"},
    // What is said besides answers.
    {"First unseen", "Die erste ungelesene"},
    {"Flags are kept", "Markierungen bleiben erhalten"},
    {"Highest", "Die höchste"},
    {"Its name for ever", "Sein Name für immer"},
    {"Next UID", "Die nächste UID"},
    {"No flags can be changed", "Keine Markierung ist veränderbar"},
    {"No updates of this search", "Diese Suche wird nicht weiterverfolgt"},
    {"Previous mailbox closed", "Das vorige Postfach ist geschlossen"},
    {"Replacement is here", "Der Ersatz ist da"},
    {"Still at work", "Noch bei der Arbeit"},
    {"The selected mailbox is gone", "Das geöffnete Postfach ist weg"},
    {"UIDs hold", "Die UIDs gelten"},
    {"URLs can be authorized", "URLs können freigegeben werden"},
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
  for (const Frame& known : kFrames) {
    if (!text.starts_with(known.before) || !text.ends_with(known.after)) continue;
    text.remove_prefix(known.before.size());
    text.remove_suffix(std::min(text.size(), known.after.size()));
    return std::string(known.german_before).append(text).append(known.german_after);
  }
  return std::string(text);
}

}  // namespace mailscope::imap
