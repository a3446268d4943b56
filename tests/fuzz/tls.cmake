mailscope_fuzz(tls SOURCES tls_fuzz.cpp LINK tls)
