mailscope_fuzz(maildir SOURCES maildir_fuzz.cpp LINK export)
