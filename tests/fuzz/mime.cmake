mailscope_fuzz(mime SOURCES mime_fuzz.cpp LINK mail)
