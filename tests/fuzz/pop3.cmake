mailscope_fuzz(pop3 SOURCES pop3_fuzz.cpp LINK pop3)
mailscope_fuzz(pop3_client SOURCES pop3_client_fuzz.cpp LINK pop3)
