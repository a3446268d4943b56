mailscope_fuzz(imap SOURCES imap_fuzz.cpp LINK imap)
mailscope_fuzz(imap_client SOURCES imap_client_fuzz.cpp LINK imap)
mailscope_fuzz(imap_text SOURCES imap_text_fuzz.cpp LINK imap)
