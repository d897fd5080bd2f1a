-- Open events as points, through the definer function that checks the scope given to it: a tile
-- under row-level security would lose its spatial index. Parameters: z, x, y (XYZ scheme), scope
-- (code_multirange), account, organization (uuid or null).
SELECT tile_events(%(z)s, %(x)s, %(y)s, %(scope)s::code_multirange, %(account)s::uuid,
                   %(organization)s::uuid);
