-- The other indexes that an entry is about: the names that a swap or a renaming moves.
ALTER TABLE journal ADD COLUMN others TEXT COLLATE "C" NOT NULL DEFAULT '[]';
