ALTER TABLE review_person ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON review_person TO onemap_app;

CREATE POLICY seen ON review_person FOR SELECT TO onemap_app
USING (
    (EXISTS (SELECT FROM review
            WHERE review.county_code = review_person.county_code
            AND review.id = review_person.review_id))
);

CREATE POLICY added ON review_person FOR INSERT TO onemap_app
WITH CHECK (true);
