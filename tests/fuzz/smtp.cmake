mailscope_fuzz(smtp_server SOURCES smtp_server_fuzz.cpp LINK smtp)
mailscope_fuzz(smtp_client SOURCES smtp_client_fuzz.cpp LINK smtp)
