// Of no use but to have its headers precompiled.
