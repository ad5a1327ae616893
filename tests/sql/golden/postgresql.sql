-- arithmetic: // floors, and by zero is NULL
SELECT numbers.id, ((numbers.a - (numbers.a % nullif(numbers.b, 0) + numbers.b) % nullif(numbers.b, 0)) / nullif(numbers.b, 0)) AS value
FROM numbers ORDER BY numbers.id;

-- arithmetic: % has the sign of the divisor, and by zero is NULL
SELECT numbers.id, (numbers.a % nullif(numbers.b, 0) + numbers.b) % nullif(numbers.b, 0) AS value
FROM numbers ORDER BY numbers.id;

-- arithmetic: / never cuts, and by zero is NULL
SELECT numbers.id, CAST(numbers.a AS DOUBLE PRECISION) / nullif(numbers.b, 0) AS value
FROM numbers ORDER BY numbers.id;

-- arithmetic: / of a quotient
SELECT numbers.id, CAST(numbers.a AS DOUBLE PRECISION) / nullif(CAST(numbers.b AS DOUBLE PRECISION) / 2, 0) AS value
FROM numbers ORDER BY numbers.id;

-- arithmetic: % of floats has the sign of the divisor
SELECT numbers.id, (numbers.x - 1 * floor(numbers.x / 1)) AS value
FROM numbers ORDER BY numbers.id;

-- arithmetic: // of floats floors
SELECT numbers.id, floor(numbers.x / 1) AS value
FROM numbers ORDER BY numbers.id;

-- arithmetic: - of a difference
SELECT numbers.id, numbers.a - (numbers.b - 1) AS value
FROM numbers ORDER BY numbers.id;

-- comparisons: = None is IS NULL
SELECT numbers.id, numbers.a IS NULL AS value
FROM numbers ORDER BY numbers.id;

-- comparisons: not between
SELECT numbers.id, numbers.a NOT BETWEEN 6 AND 7 AS value
FROM numbers ORDER BY numbers.id;

-- comparisons: not in a list
SELECT numbers.id, (numbers.a NOT IN (5, -7)) AS value
FROM numbers ORDER BY numbers.id;

-- comparisons: a whole number and a decimal
SELECT numbers.id, numbers.b >= numbers.d AS value
FROM numbers ORDER BY numbers.id;

-- logic: not of and
SELECT flags.id, NOT (flags.f AND flags.g) AS value
FROM flags ORDER BY flags.id;

-- logic: or before and needs its brackets
SELECT flags.id, (flags.f OR flags.g) AND NOT flags.g AS value
FROM flags ORDER BY flags.id;

-- logic: a flag equal to True
SELECT flags.id, flags.f = true AS value
FROM flags ORDER BY flags.id;

-- logic: a filter of a negation leaves NULL out
SELECT flags.id
FROM flags
WHERE NOT flags.f;

-- texts: = tells a blank at the end
SELECT texts.id, texts.s = 'a' AS value
FROM texts ORDER BY texts.id;

-- texts: < by code point
SELECT texts.id, texts.s COLLATE "C" < 'a' AS value
FROM texts ORDER BY texts.id;

-- texts: like with an escape
SELECT texts.id, texts.u LIKE 'a/_b/%_' ESCAPE '/' AS value
FROM texts ORDER BY texts.id;

-- texts: like tells capitals
SELECT texts.id, texts.s LIKE 'b' AS value
FROM texts ORDER BY texts.id;

-- texts: ilike does not tell capitals
SELECT texts.id, texts.s ILIKE 'B' AS value
FROM texts ORDER BY texts.id;

-- texts: contains takes % as it is
SELECT texts.id, texts.u LIKE '%' || '/%' || '%' ESCAPE '/' AS value
FROM texts ORDER BY texts.id;

-- texts: + of columns, NULL swallows
SELECT texts.id, texts.u || texts.s AS value
FROM texts ORDER BY texts.id;

-- texts: a value with a backslash
SELECT texts.id, E'a\\''b\\n' AS value
FROM texts ORDER BY texts.id;

-- texts: order by code point
SELECT texts.s, texts.id AS n
FROM texts ORDER BY texts.s COLLATE "C";

-- texts: groups tell capitals and blanks
SELECT texts.s, count(*) AS n
FROM texts GROUP BY texts.s;

-- moments: a date in texts and dates
SELECT days.id, days.day IN (CAST('2022-12-30' AS DATE), CAST('2024-02-29' AS DATE)) AS value
FROM days ORDER BY days.id;

-- moments: a moment > a date
SELECT days.id, days.moment > CAST('2022-12-30 00:00:00' AS TIMESTAMP) AS value
FROM days ORDER BY days.id;

-- moments: a date = a moment at midnight
SELECT days.id, days.day = days.moment AS value
FROM days ORDER BY days.id;

-- moments: a moment with microseconds
SELECT days.id, CAST('2022-01-02 03:04:05.678901' AS TIMESTAMP) AS value
FROM days ORDER BY days.id;

-- moments: date_trunc to the month
SELECT days.id, CAST(date_trunc('month', CAST(days.day AS TIMESTAMP)) AS DATE) AS value
FROM days ORDER BY days.id;

-- moments: ISO week
SELECT days.id, CAST(extract(week FROM days.day) AS BIGINT) AS value
FROM days ORDER BY days.id;

-- casts: text to a whole number
SELECT spellings.id, CAST(CASE WHEN (spellings.s ~ '^ *[+-]?[0-9]+ *$') THEN spellings.s ELSE 'not a whole number: ' || spellings.s END AS INTEGER) AS value
FROM spellings
WHERE spellings.id IN (1, 2);

-- casts: a try of text as a float
SELECT spellings.id, CASE WHEN (spellings.s ~ '^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})? *$') THEN CASE WHEN (abs(CAST(spellings.s AS NUMERIC)) <= 1.7976931348623157e308) THEN CAST(CASE WHEN (abs(CAST(spellings.s AS NUMERIC)) >= 5e-324) THEN CAST(spellings.s AS NUMERIC) ELSE 0 END AS DOUBLE PRECISION) ELSE NULL END ELSE NULL END AS value
FROM spellings ORDER BY spellings.id;

-- casts: a float to text has a point
SELECT numbers.id, CASE WHEN (numbers.x = trunc(numbers.x) AND abs(numbers.x) < 1e16) THEN CAST(CAST(numbers.x AS BIGINT) AS VARCHAR) || '.0' ELSE replace(lower(CAST(numbers.x AS VARCHAR)), 'infinity', 'inf') END AS value
FROM numbers ORDER BY numbers.id;

-- functions: greatest leaves NULL out
SELECT numbers.id, greatest(numbers.a, numbers.b) AS value
FROM numbers ORDER BY numbers.id;

-- functions: round of a decimal
SELECT numbers.id, round(numbers.d, 1) AS value
FROM numbers ORDER BY numbers.id;

-- functions: when and otherwise
SELECT numbers.id, CASE WHEN (numbers.a > 5) THEN 1 WHEN (numbers.a > 0) THEN 2 ELSE 3 END AS value
FROM numbers ORDER BY numbers.id;

-- text functions: length counts characters
SELECT texts.id, char_length(texts.s) AS value
FROM texts ORDER BY texts.id;

-- text functions: slice from the end
SELECT texts.id, right(texts.u, 3) AS value
FROM texts ORDER BY texts.id;

-- text functions: concat_ws leaves NULL out
SELECT texts.id, concat_ws('/', texts.s, texts.u) AS value
FROM texts ORDER BY texts.id;

-- projections: each step reads the one before
SELECT (numbers.a + 1) * 2 AS a
FROM numbers;

-- projections: names with blanks and quotes
SELECT numbers.a AS "a b", numbers.b AS "q""q", numbers.a AS "100%", numbers.b AS "order"
FROM numbers
 LIMIT 0;

-- projections: names that differ in case, nested
WITH numbers_distinct AS
(SELECT DISTINCT numbers.a AS v, numbers.b AS "V_2"
FROM numbers)
 SELECT numbers_distinct.v, numbers_distinct."V_2" AS "V"
FROM numbers_distinct
WHERE numbers_distinct."V_2" > 0;

-- projections: where after a limit
WITH numbers_limited AS
(SELECT numbers.id AS id, numbers.a AS a
FROM numbers ORDER BY numbers.id
 LIMIT 2)
 SELECT numbers_limited.id
FROM numbers_limited
WHERE numbers_limited.a < 0 ORDER BY numbers_limited.id;

-- projections: where on a computed column
SELECT numbers.id
FROM numbers
WHERE (numbers.a + numbers.b) > 5;

-- projections: distinct
SELECT DISTINCT numbers.b
FROM numbers;

-- projections: fillna
SELECT coalesce(sales.id, 0) AS id, coalesce(sales.n, 0) AS n
FROM sales
WHERE sales.id < 4;

-- ordering: down, NULL first
SELECT sales.id
FROM sales ORDER BY sales.n DESC;

-- ordering: limit and offset
SELECT sales.id
FROM sales ORDER BY sales.id
 LIMIT 2 OFFSET 3;

-- ordering: a computed column of the name of another
SELECT sales.id
FROM sales ORDER BY coalesce(sales.n, 0);

-- ordering: drop_duplicates keeps the first
WITH sales_windowed AS
(SELECT sales.id AS id, row_number() OVER (PARTITION BY sales.team ORDER BY sales.id) = 1 AS value
FROM sales)
 SELECT sales_windowed.id
FROM sales_windowed
WHERE sales_windowed.value ORDER BY sales_windowed.id;

-- aggregates: avg of whole numbers is a float
SELECT CAST(avg(sales.n) AS DOUBLE PRECISION) AS value
FROM sales;

-- aggregates: sum of whole numbers is whole
SELECT sum(sales.n) AS value
FROM sales;

-- aggregates: count of a filter
SELECT count(*) FILTER (WHERE sales.n > 1) AS value
FROM sales;

-- aggregates: count of different values
SELECT count(DISTINCT sales.team) AS value
FROM sales;

-- groups: by a key with a constant in it
WITH sales_computed AS
(SELECT sales.team || '!' AS team
FROM sales)
 SELECT sales_computed.team, count(*) AS n
FROM sales_computed GROUP BY sales_computed.team;

-- groups: having
SELECT sales.team, max(sales.n) AS n
FROM sales GROUP BY sales.team
HAVING count(*) > 1;

-- groups: of groups
WITH sales_grouped AS
(SELECT count(*) AS k
FROM sales GROUP BY sales.team)
 SELECT sales_grouped.k, count(*) AS n
FROM sales_grouped GROUP BY sales_grouped.k;

-- groups: rollup
SELECT sales.day, sales.team, sum(sales.n) AS n
FROM sales
WHERE sales.n < 4 GROUP BY ROLLUP(sales.day, sales.team);

-- groups: pivot
SELECT sales.day, sum(sales.n) FILTER (WHERE sales.team = 'a') AS a, sum(sales.n) FILTER (WHERE sales.team = 'b') AS b
FROM sales GROUP BY sales.day;

-- windows: sum of rows beside
SELECT sales.id, sum(sales.n) OVER (ORDER BY sales.id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS value
FROM sales ORDER BY sales.id;

-- windows: a filter on a window
WITH sales_windowed AS
(SELECT sales.id AS id, row_number() OVER (PARTITION BY sales.team ORDER BY sales.id) = 1 AS value
FROM sales)
 SELECT sales_windowed.id
FROM sales_windowed
WHERE sales_windowed.value;

-- windows: rank of text by code point, NULL last
SELECT sales.id, rank() OVER (ORDER BY sales.team COLLATE "C") AS value
FROM sales ORDER BY sales.id;

-- joins: left by name
SELECT sales.id, sales.team, teams.city
FROM sales LEFT OUTER JOIN teams ON sales.team = teams.team;

-- joins: full by name
SELECT sales.id, coalesce(sales.team, teams.team) AS team, teams.city
FROM sales FULL OUTER JOIN teams ON sales.team = teams.team;

-- joins: full, then a filter and an order
SELECT teams.city
FROM sales FULL OUTER JOIN teams ON sales.team = teams.team
WHERE sales.id IS NULL ORDER BY teams.city COLLATE "C";

-- joins: anti is not fooled by NULL
SELECT sales.id
FROM sales
WHERE NOT (EXISTS (SELECT 1
FROM teams
WHERE sales.team = teams.team));

-- joins: a table with itself
WITH numbers_computed AS
(SELECT numbers.id AS id, numbers.b AS b
FROM numbers)
 SELECT numbers_computed.id, numbers_computed_2.id AS id_right
FROM numbers_computed JOIN numbers_computed AS numbers_computed_2 ON numbers_computed.id = numbers_computed_2.b;

-- joins: a join of groups
WITH sales_grouped AS
(SELECT sales.team AS team, count(*) AS n
FROM sales GROUP BY sales.team)
 SELECT teams.city, sales_grouped.n
FROM teams JOIN sales_grouped ON teams.team = sales_grouped.team;

-- joins: in a frame
SELECT sales.id
FROM sales
WHERE EXISTS (SELECT 1
FROM teams
WHERE teams.team = sales.team);

-- joins: a scalar of a frame
SELECT sales.id
FROM sales
WHERE sales.n > (SELECT CAST(avg(sales_2.n) AS DOUBLE PRECISION) AS m
FROM sales AS sales_2);

-- sets: union, then intersect
WITH sales_combined AS
(SELECT sales.team AS team
FROM sales UNION SELECT teams.team AS team
FROM teams),
sales_combined_2 AS
(SELECT sales_combined.team AS team
FROM sales_combined INTERSECT SELECT teams.team AS team
FROM teams)
 SELECT sales_combined_2.team
FROM sales_combined_2;

-- sets: except_ of an except_
WITH teams_combined AS
(SELECT teams.team AS team
FROM teams EXCEPT SELECT sales.team AS team
FROM sales),
sales_combined AS
(SELECT sales.team AS team
FROM sales EXCEPT SELECT teams_combined.team AS team
FROM teams_combined)
 SELECT sales_combined.team
FROM sales_combined;

-- sets: of limits
WITH sales_limited AS
(SELECT sales.team AS team, sales.id AS value
FROM sales ORDER BY sales.id
 LIMIT 1),
sales_limited_2 AS
(SELECT sales.team AS team, sales.id AS value
FROM sales ORDER BY sales.id DESC NULLS LAST
 LIMIT 1),
sales_combined AS
(SELECT sales_limited.team AS team
FROM sales_limited UNION ALL SELECT sales_limited_2.team AS team
FROM sales_limited_2)
 SELECT sales_combined.team
FROM sales_combined;

-- programs: a frame used twice
WITH sales_grouped AS
(SELECT sales.team AS team, sum(sales.n) AS n
FROM sales GROUP BY sales.team),
sales_grouped_2 AS
(SELECT max(sales_grouped.n) AS most
FROM sales_grouped)
 SELECT sales_grouped.team
FROM sales_grouped JOIN sales_grouped_2 ON true
WHERE sales_grouped.n = sales_grouped_2.most;

-- programs: a program of many verbs
SELECT teams.city, sum(sales.n) AS total
FROM sales LEFT OUTER JOIN teams ON sales.team = teams.team
WHERE sales.n IS NOT NULL GROUP BY teams.city
HAVING (sum(sales.n)) > 1 ORDER BY total DESC NULLS LAST, teams.city COLLATE "C"
 LIMIT 2;
